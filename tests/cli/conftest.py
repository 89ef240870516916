import gc
import json

import pytest

from finder.__main__ import _build_services, _create_app
from finder.cli.script import Instance, run

WEEKLY = {"repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:30", "timezone": "America/New_York"}


class Command:
    """Runs the script inside this process, over an instance of its own."""

    def __init__(self, folder, capfdbinary):
        self.folder, self.captured = folder, capfdbinary
        self.environ = {"FINDER_INSTANCE": str(folder / "instance")}
        self.opened = []

    def __call__(self, *arguments):
        if "restore" in arguments:
            gc.collect()  # a command is a process of its own, and leaves nothing behind
        instance = Instance(self.environ, _create_app, _build_services)
        code = run(instance, [str(one) for one in arguments])
        if "services" in vars(instance):
            instance.services.database.close()
        out, err = self.captured.readouterr()
        return code, out.decode(), err.decode()

    def file(self, name, value):
        path = self.folder / name
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        return path


@pytest.fixture
def finder(tmp_path, capfdbinary):
    return Command(tmp_path, capfdbinary)


def listing(number, **facts):
    return {"format": "finder-listing/1", "id": f"l{number}", "name": f"Group number {number}",
            "group_type": "peer_support", "focus": ["depression"],
            "sessions": [{"format": "online_video", **WEEKLY}], **facts}
