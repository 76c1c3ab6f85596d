"""Rows that are written once: no UPDATE, no DELETE, no TRUNCATE, by nobody."""

from typing import Any, ClassVar

import pgtrigger
from django.db import models

from aeghash.core.database_rights import APPEND_ONLY


class OwnFunctionTrigger(pgtrigger.Trigger):
    """Calls a function of our migrations. The library's own may be silenced by any session (`pgtrigger.ignore`)."""

    when = pgtrigger.Before
    func = "RETURN NULL;"

    def function_call(self, model: type[models.Model]) -> str:
        raise NotImplementedError

    def render_execute(self, model: Any) -> str:
        return self.function_call(model)


class RefuseChange(OwnFunctionTrigger):
    """Per statement, so that TRUNCATE is covered, and an UPDATE that would find no row as well."""

    name = "refuse_change"
    level = pgtrigger.Statement
    operation = pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate

    def function_call(self, model: type[models.Model]) -> str:
        return "refuse_change()"


class AppendOnlyModel(models.Model):
    application_rights: ClassVar[tuple[str, ...]] = APPEND_ONLY

    class Meta:
        abstract = True
        triggers: ClassVar[tuple[pgtrigger.Trigger, ...]] = (RefuseChange(),)
