import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from aeghash.core.logs import configuration, configure, redacted

CANARY = "canary-9c1d"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The real configuration, with its one handler writing here."""
    stream = io.StringIO()
    before = structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    config = configuration(as_json=True, echo_sql=False)
    config["handlers"]["stderr"]["stream"] = stream
    configure({**config, "loggers": {}})
    yield stream
    structlog.configure(**before)
    root.handlers, root.level = handlers, level


def test_a_line_is_json_with_the_request_s_id(lines: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.get_logger("test").warning("job_failed", kind="demo")
    event = json.loads(lines.getvalue())
    assert (event["event"], event["kind"], event["request_id"], event["level"]) == (
        "job_failed",
        "demo",
        "r-1",
        "warning",
    )


@pytest.mark.parametrize(
    "log",
    [
        lambda: structlog.get_logger().warning("x", password=CANARY),
        lambda: structlog.get_logger().warning("x", headers={"X-HASHDAM-Key": CANARY}),
        lambda: structlog.get_logger().warning("x", nested=[{"walletKey": CANARY}]),
        lambda: structlog.get_logger().warning(f"postgresql://app:{CANARY}@db/x is away"),
        lambda: logging.getLogger("library").warning('body {"walletKey": "%s"}', CANARY),
        lambda: logging.getLogger("library").warning("Authorization: Bearer %s", CANARY),
        lambda: logging.getLogger("library").warning("retry with api_key=%s", CANARY),
    ],
)
def test_no_secret_passes(lines: io.StringIO, log: object) -> None:
    log()  # type: ignore[operator]
    assert lines.getvalue()
    assert CANARY not in lines.getvalue()


def test_no_secret_passes_in_a_traceback(lines: io.StringIO) -> None:
    try:
        raise ValueError(f"could not connect to redis://:{CANARY}@127.0.0.1")
    except ValueError:
        logging.getLogger("library").exception("failed")
    assert "ValueError" in lines.getvalue()
    assert CANARY not in lines.getvalue()


def test_what_is_no_secret_stays() -> None:
    event = {"key": "withdrawal:7", "path": "/api/v1/wallets/", "amount": "12.5", "token_count": None}
    assert redacted(event) == event
