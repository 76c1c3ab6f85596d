from partners.operations.change_partner import CHANGE_PARTNER
from partners.operations.issue_key import ISSUE_KEY

__all__ = ["CHANGE_PARTNER", "ISSUE_KEY"]
