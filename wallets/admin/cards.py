"""Token transfers on the dashboard."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from aeghash.core import rights
from aeghash.core.admin.dashboard import QUEUES, Card, Figure, dashboard_card
from wallets.models import TransactionStatus, WalletTransaction


@dashboard_card(part=QUEUES, place=60, right=rights.ISSUE_WALLETS)
def in_review(_request: HttpRequest) -> Card:
    label, url = _("Token transfers in review"), f"{reverse('admin:wallets_wallettransaction_changelist')}?tab=review"
    rows = WalletTransaction.objects.filter(status=TransactionStatus.MANUAL_REVIEW)
    return Card(title=label, figures=[Figure(label, url=url, tone="bad", rows=rows, since="updated_at")])
