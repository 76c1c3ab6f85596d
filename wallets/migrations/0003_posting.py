"""The ledger's functions: the only writers of balances, debts and transfers.

Those with SECURITY DEFINER are the application's (`WalletsConfig.application_functions`); it may call none of the
others, and write none of the tables. Each locks what it touches in one order (balances by id, then debts), looks at what it
locked, and takes its audit row along. Refusals are values: nothing was written, and the caller's transaction is whole.
"""

from django.db import migrations

TYPES = """
CREATE TYPE transfer_entry AS (
    reference text, asset text, amount numeric,
    source_user bigint, source_system text, target_user bigint, target_system text
);
CREATE TYPE posting_actor AS (at timestamptz, kind text, id text, label text, reason text, request_id text);
CREATE TYPE posting AS (id bigint, refusal text);
CREATE TYPE collection AS (taken numeric, owed numeric, refusal text);
"""

# Everything the columns' own checks can't say. NaN fails the upper bound: it sorts above every number.
LEDGER_FLAW = """
CREATE FUNCTION ledger_flaw(asset text, amount numeric) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    most_places smallint := (SELECT places FROM assets WHERE symbol = ledger_flaw.asset);
BEGIN
    IF most_places IS NULL THEN
        RETURN 'unknown_asset';
    END IF;
    IF amount > 0 AND amount < 1e20 AND scale(trim_scale(amount)) <= most_places THEN
        RETURN NULL;
    END IF;
    RETURN 'invalid_amount';
END $$
"""

# Before anything is locked, so that nobody waits for a row of another's making with locks in hand.
LEDGER_OPEN = """
CREATE FUNCTION ledger_open(member bigint, asset text, at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM balances WHERE user_id = member AND asset_id = asset) THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT FROM users WHERE id = member) THEN
        RETURN 'unknown_member';
    END IF;
    INSERT INTO balances (user_id, asset_id, amount, locked_amount, created_at, updated_at)
        VALUES (member, asset, 0, 0, at, at) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$
"""

# The same again gives the first; the same reference with other contents is refused. Volatile, though it only reads: it must
# see what was committed while its caller waited for a lock.
LEDGER_KNOWN = """
CREATE FUNCTION ledger_known(wanted transfers) RETURNS posting LANGUAGE plpgsql AS $$
DECLARE
    stored transfers;
BEGIN
    SELECT * INTO stored FROM transfers WHERE reference = wanted.reference;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF (stored.kind, stored.asset_id, stored.amount) = (wanted.kind, wanted.asset_id, wanted.amount)
        AND (stored.source_id, stored.source_system) IS NOT DISTINCT FROM (wanted.source_id, wanted.source_system)
        AND (stored.target_id, stored.target_system) IS NOT DISTINCT FROM (wanted.target_id, wanted.target_system)
        AND (stored.resolves_id, stored.debt_id) IS NOT DISTINCT FROM (wanted.resolves_id, wanted.debt_id)
    THEN
        RETURN (stored.id, NULL)::posting;
    END IF;
    RETURN (NULL, 'reference_used')::posting;
END $$
"""

LEDGER_AUDIT = """
CREATE FUNCTION ledger_audit(verb text, object_id text, told jsonb, actor posting_actor) RETURNS void LANGUAGE sql AS $$
    INSERT INTO audit_rows (
        at, actor_kind, actor_id, actor_label, verb, object_type, object_id, before, after, reason, request_id
    ) VALUES (
        actor.at, actor.kind, actor.id, actor.label, verb, 'wallets.transfer', object_id, '{}', told, actor.reason, actor.request_id
    )
$$
"""

# Null where another transaction has just written that reference.
LEDGER_WRITE = """
CREATE FUNCTION ledger_write(wanted transfers, actor posting_actor) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    written bigint;
BEGIN
    INSERT INTO transfers (
        kind, reference, asset_id, amount, source_id, source_system, target_id, target_system, resolves_id, debt_id, at
    ) VALUES (
        wanted.kind, wanted.reference, wanted.asset_id, wanted.amount, wanted.source_id, wanted.source_system,
        wanted.target_id, wanted.target_system, wanted.resolves_id, wanted.debt_id, actor.at
    ) ON CONFLICT (reference) DO NOTHING RETURNING id INTO written;
    IF written IS NOT NULL THEN
        PERFORM ledger_audit(
            CASE wanted.kind WHEN 'post' THEN 'transfer.posted' WHEN 'hold' THEN 'transfer.held'
                WHEN 'settle' THEN 'transfer.settled' ELSE 'transfer.released' END,
            written::text,
            jsonb_strip_nulls(jsonb_build_object(
                'reference', wanted.reference, 'asset', wanted.asset_id, 'amount', trim_scale(wanted.amount)::text,
                'source', coalesce(wanted.source_system, 'balance ' || wanted.source_id),
                'target', coalesce(wanted.target_system, 'balance ' || wanted.target_id),
                'resolves', wanted.resolves_id
            )),
            actor
        );
    END IF;
    RETURN written;
END $$
"""

# Whatever has become available pays a debt first, as a transfer of its own. The caller holds the balance's lock, without
# which nobody writes the debt.
LEDGER_PAY_DEBT = """
CREATE FUNCTION ledger_pay_debt(balance_of_debtor bigint, cause text, actor posting_actor) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    debtor balances;
    owed debts;
    payment transfers;
BEGIN
    SELECT d.* INTO owed FROM debts d JOIN balances b USING (user_id, asset_id)
        WHERE b.id = balance_of_debtor AND d.amount > 0 FOR NO KEY UPDATE OF d;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT * INTO debtor FROM balances WHERE id = balance_of_debtor;
    payment.amount := least(owed.amount, debtor.amount - debtor.locked_amount);
    IF payment.amount = 0 THEN
        RETURN;
    END IF;
    payment.kind := 'post';
    payment.reference := 'debt:' || cause;
    payment.asset_id := debtor.asset_id;
    payment.source_id := debtor.id;
    payment.target_system := 'debts';
    payment.debt_id := owed.id;
    IF ledger_write(payment, actor) IS NULL THEN
        RAISE unique_violation USING MESSAGE = format('the reference %s was taken', payment.reference);
    END IF;
    UPDATE balances SET amount = amount - payment.amount, updated_at = actor.at WHERE id = debtor.id;
    UPDATE debts SET amount = amount - payment.amount, updated_at = actor.at WHERE id = owed.id;
END $$
"""

LEDGER_PUT = """
CREATE FUNCTION ledger_put(kind text, entry transfer_entry, actor posting_actor) RETURNS posting
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    wanted transfers;
    outcome posting;
    balance balances;
    available numeric;
BEGIN
    outcome.refusal := ledger_flaw(entry.asset, entry.amount);
    IF outcome.refusal IS NULL AND entry.target_user IS NOT NULL THEN
        outcome.refusal := ledger_open(entry.target_user, entry.asset, actor.at);
    END IF;
    IF outcome.refusal IS NOT NULL THEN
        RETURN outcome;
    END IF;
    wanted.kind := kind;
    wanted.reference := entry.reference;
    wanted.asset_id := entry.asset;
    wanted.amount := entry.amount;
    wanted.source_system := entry.source_system;
    wanted.target_system := entry.target_system;
    FOR balance IN
        SELECT * FROM balances WHERE asset_id = entry.asset AND user_id IN (entry.source_user, entry.target_user)
        ORDER BY id FOR NO KEY UPDATE
    LOOP
        IF balance.user_id = entry.source_user THEN
            wanted.source_id := balance.id;
            available := balance.amount - balance.locked_amount;
        END IF;
        IF balance.user_id = entry.target_user THEN
            wanted.target_id := balance.id;
        END IF;
    END LOOP;
    outcome := ledger_known(wanted);
    IF outcome.id IS NOT NULL OR outcome.refusal IS NOT NULL THEN
        RETURN outcome;
    END IF;
    IF entry.source_user IS NOT NULL AND coalesce(available, 0) < entry.amount THEN
        outcome.refusal := 'insufficient_balance';
        RETURN outcome;
    END IF;
    outcome.id := ledger_write(wanted, actor);
    IF outcome.id IS NULL THEN
        RETURN ledger_known(wanted);
    END IF;
    IF kind = 'hold' THEN
        UPDATE balances SET locked_amount = locked_amount + entry.amount, updated_at = actor.at WHERE id = wanted.source_id;
        RETURN outcome;
    END IF;
    IF wanted.source_id IS NOT NULL THEN
        UPDATE balances SET amount = amount - entry.amount, updated_at = actor.at WHERE id = wanted.source_id;
    END IF;
    IF wanted.target_id IS NOT NULL THEN
        UPDATE balances SET amount = amount + entry.amount, updated_at = actor.at WHERE id = wanted.target_id;
        PERFORM ledger_pay_debt(wanted.target_id, entry.reference, actor);
    END IF;
    RETURN outcome;
END $$
"""

LEDGER_RESOLVE = """
CREATE FUNCTION ledger_resolve(
    kind text, hold bigint, reference text, target_user bigint, target_system text, actor posting_actor
) RETURNS posting LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    wanted transfers;
    outcome posting;
BEGIN
    -- Read without a lock: what was held never changes.
    SELECT * INTO wanted FROM transfers t WHERE t.id = hold AND t.kind = 'hold';
    IF NOT FOUND THEN
        outcome.refusal := 'unknown_hold';
        RETURN outcome;
    END IF;
    wanted.kind := ledger_resolve.kind;
    wanted.reference := ledger_resolve.reference;
    wanted.resolves_id := hold;
    IF target_user IS NOT NULL THEN
        outcome.refusal := ledger_open(target_user, wanted.asset_id, actor.at);
        IF outcome.refusal IS NOT NULL THEN
            RETURN outcome;
        END IF;
        SELECT id, NULL INTO wanted.target_id, wanted.target_system FROM balances b
            WHERE b.user_id = ledger_resolve.target_user AND b.asset_id = wanted.asset_id;
    ELSIF target_system IS NOT NULL THEN
        wanted.target_id := NULL;
        wanted.target_system := ledger_resolve.target_system;
    END IF;
    PERFORM FROM balances WHERE id IN (wanted.source_id, wanted.target_id) ORDER BY id FOR NO KEY UPDATE;
    outcome := ledger_known(wanted);
    IF outcome.id IS NOT NULL OR outcome.refusal IS NOT NULL THEN
        RETURN outcome;
    END IF;
    IF EXISTS (SELECT FROM transfers t WHERE t.resolves_id = hold) THEN
        outcome.refusal := 'hold_resolved';
        RETURN outcome;
    END IF;
    outcome.id := ledger_write(wanted, actor);
    IF outcome.id IS NULL THEN
        RETURN ledger_known(wanted);
    END IF;
    IF ledger_resolve.kind = 'release' THEN
        UPDATE balances SET locked_amount = locked_amount - wanted.amount, updated_at = actor.at
            WHERE id = wanted.source_id;
        PERFORM ledger_pay_debt(wanted.source_id, wanted.reference, actor);
        RETURN outcome;
    END IF;
    UPDATE balances SET amount = amount - wanted.amount, locked_amount = locked_amount - wanted.amount, updated_at = actor.at
        WHERE id = wanted.source_id;
    IF wanted.target_id IS NOT NULL THEN
        UPDATE balances SET amount = amount + wanted.amount, updated_at = actor.at WHERE id = wanted.target_id;
        PERFORM ledger_pay_debt(wanted.target_id, wanted.reference, actor);
    END IF;
    RETURN outcome;
END $$
"""

# Takes up to what is available, and writes down the rest as debt. Its two transfers are `<reference>:taken` and
# `<reference>:owed`; which of them there are depends on the balance, so "the same again" goes by their sum.
LEDGER_COLLECT = """
CREATE FUNCTION ledger_collect(entry transfer_entry, actor posting_actor) RETURNS collection
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    outcome collection;
    debtor balances;
    wanted transfers;
    known numeric;
    is_same boolean;
BEGIN
    outcome.refusal := coalesce(
        ledger_flaw(entry.asset, entry.amount), ledger_open(entry.source_user, entry.asset, actor.at)
    );
    IF outcome.refusal IS NOT NULL THEN
        RETURN outcome;
    END IF;
    SELECT * INTO debtor FROM balances WHERE user_id = entry.source_user AND asset_id = entry.asset FOR NO KEY UPDATE;
    SELECT sum(t.amount), coalesce(sum(t.amount) FILTER (WHERE t.debt_id IS NULL), 0),
            coalesce(sum(t.amount) FILTER (WHERE t.debt_id IS NOT NULL), 0),
            bool_and(t.asset_id = entry.asset AND t.target_system IS NOT DISTINCT FROM entry.target_system
                AND (t.source_id = debtor.id OR d.user_id = debtor.user_id))
        INTO known, outcome.taken, outcome.owed, is_same
        FROM transfers t LEFT JOIN debts d ON d.id = t.debt_id
        WHERE t.reference IN (entry.reference || ':taken', entry.reference || ':owed');
    IF known IS NOT NULL THEN
        IF known <> entry.amount OR is_same IS NOT TRUE THEN
            outcome := (NULL, NULL, 'reference_used')::collection;
        END IF;
        RETURN outcome;
    END IF;
    outcome.taken := least(entry.amount, debtor.amount - debtor.locked_amount);
    outcome.owed := entry.amount - outcome.taken;
    wanted.kind := 'post';
    wanted.asset_id := entry.asset;
    wanted.target_system := entry.target_system;
    IF outcome.taken > 0 THEN
        wanted.reference := entry.reference || ':taken';
        wanted.amount := outcome.taken;
        wanted.source_id := debtor.id;
        IF ledger_write(wanted, actor) IS NULL THEN
            RETURN (NULL, NULL, 'reference_used')::collection;
        END IF;
        UPDATE balances SET amount = amount - outcome.taken, updated_at = actor.at WHERE id = debtor.id;
    END IF;
    IF outcome.owed > 0 THEN
        INSERT INTO debts AS d (user_id, asset_id, amount, created_at, updated_at)
            VALUES (entry.source_user, entry.asset, outcome.owed, actor.at, actor.at)
            ON CONFLICT (user_id, asset_id) DO UPDATE SET amount = d.amount + excluded.amount, updated_at = actor.at
            RETURNING id INTO wanted.debt_id;
        wanted.reference := entry.reference || ':owed';
        wanted.amount := outcome.owed;
        wanted.source_id := NULL;
        wanted.source_system := 'debts';
        IF ledger_write(wanted, actor) IS NULL THEN
            RAISE unique_violation USING MESSAGE = format('the reference %s was taken', wanted.reference);
        END IF;
    END IF;
    RETURN outcome;
END $$
"""

# The entries of a batch, each with the numbers of its balances.
EACH = """unnest(entries, sources, targets) WITH ORDINALITY AS e(
    reference, asset, amount, source_user, source_system, target_user, target_system, source, target, place
)"""

# For other SQL as well: SELECT ledger_post_many(array_agg(ROW(…)::transfer_entry ORDER BY …), 'batch', ROW(…)::posting_actor).
# A refusal is an error (LG001): a query that ignored a value would seem to have posted. A balance is judged by what the
# whole batch leaves of it. One audit row tells the batch. Entries posted before, with the same contents, are passed over.
#
# Each step is one statement for all entries. The settings keep to the indexes, entry by entry: what costs less for a small
# ledger, hashing all of its balances or transfers, is what a large one can't afford.
LEDGER_POST_MANY = f"""
CREATE FUNCTION ledger_post_many(entries transfer_entry[], batch text, actor posting_actor) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_custom_plan SET jit = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    flaw text;
    sources bigint[];
    targets bigint[];
    is_unopened boolean;
    known bigint;
    is_other boolean;
    posted bigint;
    sums jsonb;
    debtors bigint[];
    broken text;
BEGIN
    -- As `ledger_flaw` says it, for all at once.
    SELECT CASE WHEN a.symbol IS NULL THEN 'unknown_asset' ELSE 'invalid_amount' END INTO flaw
        FROM unnest(entries) e LEFT JOIN assets a ON a.symbol = e.asset
        WHERE (e.amount > 0 AND e.amount < 1e20 AND scale(trim_scale(e.amount)) <= a.places) IS NOT TRUE LIMIT 1;
    IF flaw IS NOT NULL THEN
        RAISE EXCEPTION USING MESSAGE = flaw, ERRCODE = 'LG001';
    END IF;

    FOR attempt IN 1..2 LOOP
        SELECT array_agg(s.id ORDER BY e.ordinality), array_agg(t.id ORDER BY e.ordinality),
                bool_or(e.target_user IS NOT NULL AND t.id IS NULL)
            INTO sources, targets, is_unopened
            FROM unnest(entries) WITH ORDINALITY e
            LEFT JOIN balances s ON s.user_id = e.source_user AND s.asset_id = e.asset
            LEFT JOIN balances t ON t.user_id = e.target_user AND t.asset_id = e.asset;
        EXIT WHEN is_unopened IS NOT TRUE;
        IF attempt = 2 THEN
            RAISE EXCEPTION 'unknown_member' USING ERRCODE = 'LG001';
        END IF;
        INSERT INTO balances (user_id, asset_id, amount, locked_amount, created_at, updated_at)
            SELECT DISTINCT e.target_user, e.asset, 0, 0, actor.at, actor.at
            FROM {EACH}
            JOIN users u ON u.id = e.target_user WHERE e.target IS NULL
            ORDER BY e.target_user, e.asset
            ON CONFLICT DO NOTHING;
    END LOOP;
    PERFORM FROM balances WHERE id = ANY (sources || targets) ORDER BY id FOR NO KEY UPDATE;

    SELECT count(*), bool_or(
            (t.kind, t.asset_id, t.amount, t.source_id, t.source_system, t.target_id, t.target_system) IS DISTINCT FROM
            ('post', e.asset, e.amount, e.source, e.source_system, e.target, e.target_system)
        ) INTO known, is_other
        FROM {EACH}
        JOIN transfers t ON t.reference = e.reference;
    IF is_other THEN
        RAISE EXCEPTION 'reference_used' USING ERRCODE = 'LG001';
    END IF;
    IF known > 0 THEN
        SELECT array_agg(
                ROW(
                    e.reference, e.asset, e.amount, e.source_user, e.source_system, e.target_user, e.target_system
                )::transfer_entry ORDER BY e.place
            ), array_agg(e.source ORDER BY e.place), array_agg(e.target ORDER BY e.place)
            INTO entries, sources, targets
            FROM {EACH}
            WHERE NOT EXISTS (SELECT FROM transfers t WHERE t.reference = e.reference);
    END IF;
    posted := coalesce(cardinality(entries), 0);
    IF posted = 0 THEN
        RETURN 0;
    END IF;

    BEGIN
        INSERT INTO transfers (
            kind, reference, asset_id, amount, source_id, source_system, target_id, target_system, at
        )
        SELECT 'post', e.reference, e.asset, e.amount, e.source, e.source_system, e.target, e.target_system, actor.at
            FROM {EACH}
            ORDER BY e.place;
        UPDATE balances b SET amount = b.amount + moved.change, updated_at = actor.at
        FROM (
            SELECT side.balance, sum(side.change) AS change
            FROM {EACH}
            CROSS JOIN LATERAL (VALUES (e.source, -e.amount), (e.target, e.amount)) AS side(balance, change)
            WHERE side.balance IS NOT NULL GROUP BY side.balance
        ) moved
        WHERE b.id = moved.balance AND moved.change <> 0;
    EXCEPTION WHEN check_violation OR unique_violation THEN
        GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
        -- A reference twice in the batch, or written by somebody else since we looked.
        IF broken = 'transfers_reference_once' THEN
            RAISE EXCEPTION 'reference_used' USING ERRCODE = 'LG001';
        END IF;
        -- A source that has no balance, or that the batch would leave below zero or below what it holds.
        IF broken NOT IN ('transfers_one_source', 'balances_amount_not_negative', 'balances_locked_within_amount') THEN
            RAISE;
        END IF;
        RAISE EXCEPTION 'insufficient_balance' USING ERRCODE = 'LG001';
    END;

    SELECT array_agg(b.id) INTO debtors FROM debts d JOIN balances b USING (user_id, asset_id)
        WHERE d.amount > 0 AND b.id = ANY (targets);
    IF debtors IS NOT NULL THEN
        PERFORM ledger_pay_debt(indebted.balance, indebted.cause, actor) FROM (
            SELECT e.target AS balance, max(e.reference) AS cause
            FROM {EACH}
            WHERE e.target = ANY (debtors) GROUP BY e.target ORDER BY e.target
        ) indebted;
    END IF;
    SELECT jsonb_object_agg(asset, total) INTO sums
        FROM (SELECT asset, trim_scale(sum(amount))::text AS total FROM unnest(entries) GROUP BY asset) totals;
    PERFORM ledger_audit('transfers.posted', batch, jsonb_build_object('count', posted, 'sums', sums), actor);
    RETURN posted;
END $$
"""  # noqa: S608 - our own words

FUNCTIONS = [
    (LEDGER_FLAW, "ledger_flaw(text, numeric)"),
    (LEDGER_OPEN, "ledger_open(bigint, text, timestamptz)"),
    (LEDGER_KNOWN, "ledger_known(transfers)"),
    (LEDGER_AUDIT, "ledger_audit(text, text, jsonb, posting_actor)"),
    (LEDGER_WRITE, "ledger_write(transfers, posting_actor)"),
    (LEDGER_PAY_DEBT, "ledger_pay_debt(bigint, text, posting_actor)"),
    (LEDGER_PUT, "ledger_put(text, transfer_entry, posting_actor)"),
    (LEDGER_RESOLVE, "ledger_resolve(text, bigint, text, bigint, text, posting_actor)"),
    (LEDGER_COLLECT, "ledger_collect(transfer_entry, posting_actor)"),
    (LEDGER_POST_MANY, "ledger_post_many(transfer_entry[], text, posting_actor)"),
]

# Updates of balances change no index: they stay in their page as long as it has room, touch no index then, and vacuum has
# little to do. Half of each, since a day's income changes every balance of a coin in one transaction.
STORAGE = """
ALTER TABLE balances SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE transfers SET (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
"""


def made(function: str, signature: str) -> migrations.RunSQL:
    """PostgreSQL lets everybody call a new function: not these. The application gets its own after each migration."""
    return migrations.RunSQL(
        f"{function};\nREVOKE ALL ON FUNCTION {signature} FROM PUBLIC", f"DROP FUNCTION {signature}"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("wallets", "0002_ledger"),
    ]

    operations = [
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
        migrations.RunSQL(
            TYPES,
            "DROP TYPE collection; DROP TYPE posting; DROP TYPE posting_actor; DROP TYPE transfer_entry",
        ),
        *(made(function, signature) for function, signature in FUNCTIONS),
    ]
