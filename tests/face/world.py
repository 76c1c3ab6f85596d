"""People and rows that the tests of the screens look at."""

from datetime import timedelta
from typing import Any

from django_otp.oath import TOTP

from aeghash.core import clock, rights
from aeghash.core.actors import acting_as, command, person
from aeghash.core.models import Alert, AuditRow, Job, JobState, Severity, User
from aeghash.core.operations.acknowledge_alert import acknowledge_alert
from aeghash.core.operations.change_roles import CHANGE_ROLES
from aeghash.core.operations.propose import propose
from aeghash.core.operations.seal_audit import seal_audit
from tests.core.audit.trail import wait_until_nobody_is_before
from tests.people import KEY, make_staff
from tests.risk import screens as risk_screens

TRACEBACK = (
    "Traceback (most recent call last):\n  …\n"
    "aeghash.core.egress.failures.NotSent: api.pool.hashdam.com 연결 거부 (connection refused)"
)


def code(step: int = 0) -> str:
    """What every authenticator here shows now, or so many steps later."""
    totp = TOTP(bytes.fromhex(KEY), step=30)
    totp.time = int(clock.now().timestamp()) + step * 30
    return f"{totp.token():06d}"


def make_job(number: int, state: JobState, **fields: Any) -> Job:
    now = clock.now()
    closed = state in (JobState.DONE, JobState.DEAD, JobState.GIVEN_UP)
    leased = {"lease_token": "9f0c1b9e-5f2e-4e57-8d1a-0f8f8a7d0c11", "lease_until": now + timedelta(seconds=40)}
    return Job.objects.create(
        **{
            "kind": "wallets.refresh_keys",
            "arguments": {"wallet_id": number},
            "state": state,
            "most_attempts": 3,
            "due_at": now + timedelta(minutes=number),
            "lease": timedelta(minutes=1),
            "finished_at": now - timedelta(minutes=17 * number) if closed else None,
            **(leased if state == JobState.RUNNING else {}),
            **fields,
        }
    )


def make_jobs(each: int) -> None:
    for number in range(1, each + 1):
        make_job(number, JobState.DEAD, attempts=3, last_error=TRACEBACK, kind="mining.sync_history")
        make_job(number, JobState.QUEUED, attempts=1, last_error=TRACEBACK)
        make_job(number, JobState.QUEUED)
        make_job(number, JobState.RUNNING, attempts=1)
        make_job(number, JobState.DONE, attempts=1)


def make_alerts(each: int, seen_by: User) -> None:
    for number in range(1, each + 1):
        for severity in Severity.values:
            make_alert(f"{severity}.{number}", severity)
        acknowledge_alert(alert_id=make_alert(f"seen.{number}", Severity.WARNING).pk, by=seen_by)


def make_alert(key: str, severity: str) -> Alert:
    sentence = f"출금 요청 {key}: HashDam 응답이 15분 넘게 확인되지 않았습니다."
    return Alert.objects.create(key=key, severity=severity, sentence=sentence, details={"request": key}, count=3)


def make_proposals(each: int, by: User) -> None:
    for number in range(1, each + 1):
        newcomer = User.objects.create_user(f"newcomer{number}-{by.pk}@example.com", None, name=f"신입 {number}")
        content = {"email": newcomer.email, "groups": [rights.SUPPORT], "is_active": True}
        propose(act=CHANGE_ROLES, content=content, by=by, reason="고객지원팀에 새로 왔습니다.")


def fill(each: int = 3) -> dict[str, User]:
    """Rows in every list. Returns the people by name."""
    with acting_as(command("test")):
        people = {
            "park": make_staff("park", rights.SYSADMIN, full_name="박지훈"),
            "lee": make_staff("lee", rights.SYSADMIN, full_name="이서연"),
            "choi": make_staff("choi", rights.FINANCE, full_name="최민준"),
            "han": make_staff("han", rights.SUPPORT, full_name="한지우"),
        }
    with acting_as(person(people["lee"])):
        make_jobs(each)
        make_alerts(each, people["park"])
        make_proposals(each, people["lee"])
        risk_screens.fill(each, people["lee"])
    return people


def seal() -> None:
    """Only what is committed, and once no other test's transaction of this server is older."""
    wait_until_nobody_is_before(AuditRow.objects.latest("transaction_id").transaction_id)
    seal_audit()
