"""Two people of finance, who look at the chain and settle what the machine could not."""

from aeghash.core import ids
from aeghash.core.models import Proposal, User
from aeghash.core.operations.approve_proposal import agree
from tests.people import make_staff
from tests.wallets.mblock.world import World
from wallets.models import WalletTransaction
from wallets.operations.resolve_manual_review import propose_as_not_sent, propose_as_sent


def two_people() -> tuple[User, User]:
    name = ids.request_id()[:8]
    return make_staff(f"one-{name}", "finance", with_device=False), make_staff(
        f"two-{name}", "finance", with_device=False
    )


def agreed(proposal: Proposal, second: User) -> Proposal:
    return agree(proposal_id=proposal.pk, digest=proposal.digest, by=second)


def settle_as_it_is(world: World, row: WalletTransaction) -> None:
    """By what MBlock's books really say."""
    one, two = two_people()
    sent = [each for each in world.sent(row.to_address) if each["amount"] == f"{row.amount:f}"]
    if sent:
        proposal = propose_as_sent(transaction_id=row.pk, txid=sent[0]["txid"], reason="on the chain", by=one)
    else:
        proposal = propose_as_not_sent(transaction_id=row.pk, reason="not on the chain", by=one)
    agreed(proposal, two)
