from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from aeghash.core import clock
from aeghash.core.errors import NotAllowed, NotFound
from aeghash.core.models import ApiToken, AuditRow, User
from aeghash.core.operations.authenticate_token import authenticate_token
from aeghash.core.operations.issue_api_token import issue_api_token
from aeghash.core.operations.revoke_api_token import revoke_api_token

Staff = Callable[..., User]
pytestmark = pytest.mark.django_db


@pytest.fixture
def kim(staff: Staff) -> User:
    return staff("kim", "support")


def test_a_token_is_its_owner_s(kim: User) -> None:
    assert authenticate_token(issue_api_token(user=kim)) == kim


def test_only_its_digest_is_kept(kim: User) -> None:
    text = issue_api_token(user=kim)
    token = ApiToken.objects.get()
    secret = text.rpartition("_")[2]
    assert secret not in str(token.__dict__)
    assert secret not in str(list(AuditRow.objects.values()))


@pytest.mark.parametrize("text", ["", "aeg_x_y", "aeg_" + "0" * 12 + "_" + "A" * 43, "é", "\x00"])
def test_another_text_is_nobody_s(kim: User, text: str) -> None:
    issue_api_token(user=kim)
    assert authenticate_token(text) is None


def test_it_expires(kim: User) -> None:
    text = issue_api_token(user=kim, lasts=timedelta(days=1))
    end = ApiToken.objects.get().expires_at
    with clock.steered(lambda: end - timedelta(microseconds=1)):
        assert authenticate_token(text) == kim
    with clock.steered(lambda: end):
        assert authenticate_token(text) is None


def test_revoked_it_ends_at_once(kim: User) -> None:
    text = issue_api_token(user=kim)
    public_id = ApiToken.objects.get().public_id
    first = revoke_api_token(public_id=public_id).revoked_at
    assert authenticate_token(text) is None
    assert revoke_api_token(public_id=public_id).revoked_at == first
    assert AuditRow.objects.filter(verb="api_token.revoked").count() == 1


def test_an_unknown_one_can_t_be_revoked() -> None:
    with pytest.raises(NotFound):
        revoke_api_token(public_id="nobody")


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_admin": False}])
def test_it_ends_with_its_owner_s_right_to_log_in(kim: User, change: dict[str, bool]) -> None:
    text = issue_api_token(user=kim)
    User.objects.filter(pk=kim.pk).update(**change)
    assert authenticate_token(text) is None


def test_somebody_who_may_not_log_in_gets_none() -> None:
    with pytest.raises(NotAllowed):
        issue_api_token(user=User.objects.create_user("member@example.com"))
    assert not ApiToken.objects.exists()


def test_its_last_use_is_noted_once_a_minute(kim: User) -> None:
    text = issue_api_token(user=kim)
    start = clock.now()
    uses = []
    for seconds in (0, 59, 60, 61):
        now = start + timedelta(seconds=seconds)
        with clock.steered(partial(max, now, start)):
            authenticate_token(text)
        uses.append(ApiToken.objects.get().last_used_at)
    assert uses == [start, start, start + timedelta(seconds=60), start + timedelta(seconds=60)]
