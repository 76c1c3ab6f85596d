from partners.models.calls import Call, EventState, IdempotencyRecord, InboundEvent, RecordState
from partners.models.partners import ROTATION, DayMark, Partner, PartnerKey, PartnerMember, RateMark

__all__ = [
    "ROTATION",
    "Call",
    "DayMark",
    "EventState",
    "IdempotencyRecord",
    "InboundEvent",
    "Partner",
    "PartnerKey",
    "PartnerMember",
    "RateMark",
    "RecordState",
]
