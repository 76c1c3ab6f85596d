from dataclasses import asdict
from typing import Any

from aeghash.core.commands import OperatorCommand
from aeghash.core.crypto import encrypted_fields
from aeghash.core.operations.rotate_field_keys import Rotation, rotate_field_keys


class Command(OperatorCommand):
    help = (
        "Encrypt every secret in the database with the first key of FIELD_ENCRYPTION_KEYS. Put the new key first, restart, "
        "run this, and take the old key out once it says that nothing is left. It can be stopped and run again."
    )
    example = "rotate_field_keys --json"

    def work(self, **_options: Any) -> list[dict[str, Any]]:
        rotations = rotate_field_keys(columns=encrypted_fields(), tell=self.show)
        if self.stderr.isatty():
            self.stderr.write("")
        return [asdict(rotation) for rotation in rotations]

    def show(self, rotation: Rotation) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{rotation.column}: {rotation.done:,} of {rotation.to_do:,}", ending="")
            self.stderr.flush()

    def sentences(self, result: list[dict[str, Any]]) -> list[str]:
        told = [f"{each['column']}: {each['done']} encrypted anew" for each in result]
        lost = [f"can't be deciphered: {place}" for each in result for place in each["undecipherable"]]
        return told + lost

    def is_good(self, result: list[dict[str, Any]]) -> bool:
        return not any(each["undecipherable"] for each in result)
