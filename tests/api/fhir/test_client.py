from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.api.conftest import LISTINGS
from tests.api.fhir.asking import Asking, ids
from tests.api.fhir.conftest import Made, make_app
from tests.exchange.fhir_judges import modules
from tests.exchange.published import FULL

WALK = Path(__file__).parent / "walk_fhir.mjs"
TYPES = ("HealthcareService", "Location", "Organization", "Questionnaire")


class Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        pass


def test_a_client_that_we_did_not_write_finds_its_way(make: Made, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = modules()
    node = subprocess.run(["node", "--version"], text=True, capture_output=True, check=True).stdout.strip("v\n")
    if not Path(folder, "@medplum", "core").is_dir() or tuple(map(int, node.split(".")[:2])) < (20, 19):
        pytest.skip("@medplum/core is not here, or Node is older than 20.19")
    expected = ids(Asking(make([*LISTINGS, FULL])).read("HealthcareService"))
    server = make_server("127.0.0.1", 0, lambda environ, start: app(environ, start), threaded=True,
                         request_handler=Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    app = make_app(tmp_path_factory.mktemp("client"), [*LISTINGS, FULL], base_url=address)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        done = subprocess.run(["node", str(WALK), folder, f"{address}/"], text=True, capture_output=True, timeout=120)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["finder"].database.close()
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["seen"]["HealthcareService"] == expected
    assert [len(found["seen"][type_]) for type_ in TYPES] == [9, 3, 1, 2]
    assert (found["same"], found["name"], found["version"]) == (True, "Evening Circle", "4.0.1")
    assert found["refusal"] == "color: unknown_key"
