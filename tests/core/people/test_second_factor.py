import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django_otp.oath import TOTP

from aeghash.core import clock
from aeghash.core.models import AuditRow, RecoveryCode, TotpDevice, User
from aeghash.core.operations.enrol_second_factor import confirm_enrolment, renew_recovery_codes, start_enrolment
from aeghash.core.operations.prove_presence import OtpInvalid, accepts_code, accepts_recovery_code
from tests.core.people.conftest import code
from tests.people import KEY
from tests.races import run_together

Staff = Callable[..., User]
pytestmark = pytest.mark.django_db


@pytest.fixture
def kim(staff: Staff) -> User:
    return staff("kim", "finance")


def test_the_code_that_is_shown_is_accepted_once(kim: User) -> None:
    shown = code()
    assert accepts_code(kim, shown)
    assert not accepts_code(kim, shown)


@pytest.mark.parametrize(("step", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(kim: User, step: int, accepted: bool) -> None:
    now = clock.now()
    with clock.steered(lambda: now):
        assert accepts_code(kim, code(step)) is accepted


def test_an_older_code_is_no_good_after_a_newer_one(kim: User) -> None:
    now = clock.now()
    with clock.steered(lambda: now):
        assert accepts_code(kim, code(1))
        assert not accepts_code(kim, code(0))


def test_after_wrong_codes_even_the_right_one_must_wait(kim: User) -> None:
    for _ in range(5):
        assert not accepts_code(kim, "000000")
    assert not accepts_code(kim, code())
    past = clock.now() - timedelta(minutes=5)
    TotpDevice.objects.update(throttling_failure_timestamp=past)
    assert accepts_code(kim, code())


@pytest.mark.django_db(transaction=True)
def test_one_code_in_two_tabs_passes_in_one(kim: User) -> None:
    shown = code()
    outcomes = run_together(*[lambda: accepts_code(kim, shown)] * 6)
    assert sorted(outcome.value for outcome in outcomes) == [False] * 5 + [True]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_it_would_pass_in_both(kim: User, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = threading.Barrier(2, timeout=10)
    step_of = TotpDevice._step_of

    def slowly(self: TotpDevice, token: str) -> Any:
        found = step_of(self, token)
        meeting.wait()
        return found

    monkeypatch.setattr(TotpDevice, "_step_of", slowly)
    monkeypatch.setattr("django.db.models.query.QuerySet.select_for_update", lambda self, **_: self.all())
    shown = code()
    outcomes = run_together(*[lambda: accepts_code(kim, shown)] * 2)
    assert [outcome.value for outcome in outcomes] == [True, True]


def test_enrolment_counts_from_the_first_right_code_on(staff: Staff) -> None:
    kim = staff("kim", "finance", with_device=False)
    device = start_enrolment(person=kim)
    with pytest.raises(OtpInvalid):
        confirm_enrolment(person=kim, code="000000")
    assert not accepts_code(kim, shown_by(device))
    TotpDevice.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    codes = confirm_enrolment(person=kim, code=shown_by(device))
    assert len(set(codes)) == 10
    assert TotpDevice.objects.get(user=kim).confirmed


def test_a_new_authenticator_ends_the_old_one(kim: User) -> None:
    device = start_enrolment(person=kim)
    assert accepts_code(kim, code())
    confirm_enrolment(person=kim, code=shown_by(device))
    assert not accepts_code(kim, code(1))
    assert TotpDevice.objects.filter(user=kim).count() == 1


def test_starting_again_forgets_the_unfinished(staff: Staff) -> None:
    kim = staff("kim", "finance", with_device=False)
    first = start_enrolment(person=kim)
    start_enrolment(person=kim)
    with pytest.raises(OtpInvalid):
        confirm_enrolment(person=kim, code=shown_by(first))


def test_what_is_scanned_says_who_and_where(kim: User) -> None:
    url = TotpDevice.objects.get().url()
    assert url.startswith("otpauth://totp/AEG%20Hash%3Akim%40example.com?secret=GEZDGNBV")
    assert "issuer=AEG+Hash" in url


def test_the_key_is_encrypted_at_rest_and_on_no_trail(kim: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(totp_devices)::text FROM totp_devices")
        stored = str(cursor.fetchall())
    assert KEY not in stored
    assert bytes.fromhex(KEY).decode() not in stored
    assert KEY not in str(list(AuditRow.objects.values()))
    assert KEY not in repr(TotpDevice.objects.get())


def test_a_recovery_code_works_once_however_it_is_typed(kim: User) -> None:
    first, second, *_ = renew_recovery_codes(person=kim)
    assert accepts_recovery_code(kim, first)
    assert not accepts_recovery_code(kim, first)
    assert accepts_recovery_code(kim, second.lower().replace("-", " "))
    assert first not in str(list(RecoveryCode.objects.values()))


def test_a_recovery_code_is_its_owner_s_alone(kim: User, staff: Staff) -> None:
    (mine, *_) = renew_recovery_codes(person=kim)
    assert not accepts_recovery_code(staff("lee", "finance"), mine)


def test_new_recovery_codes_end_the_old(kim: User) -> None:
    (old, *_) = renew_recovery_codes(person=kim)
    renew_recovery_codes(person=kim)
    assert not accepts_recovery_code(kim, old)
    assert RecoveryCode.objects.filter(user=kim).count() == 10


def shown_by(device: TotpDevice) -> str:
    totp = TOTP(bytes.fromhex(device.key.reveal()))
    totp.time = int(clock.now().timestamp())
    return f"{totp.token():06d}"
