from finder.vocabulary import LIST_NAMES, vocabulary


def test_every_list_is_there_in_its_order(client):
    lists = client.get("/api/v1/vocabulary").json["lists"]
    assert set(lists) == set(LIST_NAMES)
    for name, terms in lists.items():
        assert [one["code"] for one in terms] == list(vocabulary().lists[name].codes)
        assert all(one["label"] for one in terms)


def test_labels_are_in_the_language_asked_for(client):
    english, spanish = (client.get(f"/api/v1/vocabulary?lang={lang}").json["lists"]["focus_areas"]
                        for lang in ("en", "es"))
    assert [one["code"] for one in english] == [one["code"] for one in spanish]
    assert english != spanish


def test_synonyms_are_never_shown(client):
    assert "synonyms" not in client.get("/api/v1/vocabulary").text


def test_an_unknown_language_is_refused(client):
    answer = client.get("/api/v1/vocabulary?lang=xx")
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["lang"]


def test_it_is_not_sent_again_when_nothing_changed(client):
    first = client.get("/api/v1/vocabulary")
    again = client.get("/api/v1/vocabulary", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
