"""Alembic's entry: runs migrations on the connection that `Database.upgrade` hands in."""

from alembic import context

from finder import instance, limits, outbox
from finder.accounts import models as account_models
from finder.audit import models as audit_models
from finder.catalog import models as catalog_models
from finder.db import Base
from finder.hooks import models as hook_models
from finder.listings import models as listing_models
from finder.referrals import models as referral_models
from finder.teams import models as team_models
from finder.upkeep import models as upkeep_models

__all__ = ["account_models", "audit_models", "catalog_models", "hook_models", "instance", "limits", "listing_models",
           "outbox", "referral_models", "team_models", "upkeep_models"]

connection = context.config.attributes["connection"]
# SQLite can take changes of tables back like any others; all steps are one transaction, whoever kills it.
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True,
                  transactional_ddl=True)
with context.begin_transaction():
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7305805)")  # one upgrade at a time; any number will do
    context.run_migrations()
