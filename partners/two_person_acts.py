from partners.operations.assign_members import ASSIGN_MEMBERS
from partners.operations.change_partner import CHANGE_PARTNER
from partners.operations.issue_key import ISSUE_KEY

__all__ = ["ASSIGN_MEMBERS", "CHANGE_PARTNER", "ISSUE_KEY"]
