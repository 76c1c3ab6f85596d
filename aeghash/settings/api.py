"""The API: how requests are read, who may call and how often, and how it describes itself."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "aeghash.core.api.authentication.BearerAuthentication",
        "aeghash.core.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["aeghash.core.api.permissions.HasRight"],
    "DEFAULT_THROTTLE_CLASSES": ["aeghash.core.api.throttles.StaffThrottle"],
    "DEFAULT_PARSER_CLASSES": ["aeghash.core.api.parsers.StrictJsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "aeghash.core.api.pages.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "aeghash.core.api.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
}

# Requests a minute: by each member of staff; without valid credentials, by each address.
API_RATES = {"read": 600, "write": 300, "failures": 60}

SPECTACULAR_SETTINGS = {
    "TITLE": "AEG Hash",
    "DESCRIPTION": (
        "Amounts are decimal strings, times are RFC 3339 in UTC, every refusal is a problem document (RFC 9457) whose "
        "`code` says which it is; some carry further members, as the id of what was kept although it was refused."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["aeghash.core.api.permissions.TrustedOrStaff"],
    "SCHEMA_PATH_PREFIX": "/api/v[0-9]+",
    "COMPONENT_SPLIT_REQUEST": True,
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}},
    "ENUM_NAME_OVERRIDES": {
        "SideEnum": "organization.models.Side",
        "RankEnum": "organization.models.Rank",
        "OrderChannelEnum": "organization.models.Channel",
        "TransferKindEnum": "wallets.models.TransferKind",
        "TransactionKindEnum": "wallets.models.TransactionKind",
        "TransactionStatusEnum": "wallets.models.TransactionStatus",
        "ListKindEnum": "risk.models.ListKind",
        "PoolPayoutStatusEnum": "mining.models.Status",
        "BonusEntryStateEnum": "bonus.models.EntryState",
        "ClosingStateEnum": "bonus.models.ClosingState",
        "ProposalStatusEnum": "aeghash.core.models.proposals.ProposalStatus",
        "PayoutChannelEnum": "withdrawals.models.Channel",
        "WithdrawalStatusEnum": "withdrawals.models.Status",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "aeghash.core.api.schema.add_problems",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Without the null it would show a badge from the maker's server.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
}
