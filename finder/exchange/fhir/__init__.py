"""The directory as read-only FHIR R4 (4.0.1): resources of published listings, searching in them, and the intake.

HealthcareService is our program, Location and Organization are ours. Profiles: Da Vinci PDex Plan-Net 1.1.0 and Human
Services Directory 1.0.0, claimed in `meta.profile` only where a resource meets them. What FHIR cannot hold:
`healthcare_service.LOST`. A search reads `parameters` into `conditions` (`searching`) and asks them of the values that
there are (`directory`, of `facts`); resources are made for the page that is shown (`finding`).

Referrals are in `finder.exchange.fhir_referral`.
"""
