"""What changes balances.

A side is a member (the user's id) or a `SystemAccount`; amounts are Decimals of at most the asset's places; `reference`
names the cause, at most 200 characters, unique for ever. The same call again gives the first transfer's id and changes
nothing; the same reference with other contents is refused (`reference_used`). Each is one statement, atomic by itself,
and part of the caller's transaction if there is one. It must be called inside `acting_as(...)`: the audit row comes along.

    post(reference=, asset=, amount=, source=, target=, reason="") -> transfer id
    hold(reference=, asset=, amount=, source=, target=SystemAccount.PAYOUTS, reason="") -> the hold's id
    settle(hold=, reference=, target=None, reason="") -> transfer id     what was held goes to its target, or to another
    release(hold=, reference=, reason="") -> transfer id                 what was held is available again
    post_many(entries=[Entry(...)], batch=, reason="") -> how many were new
    raise_debt(reference=, asset=, amount=, member=, target=, reason="") -> Collected(taken, owed)

Refusals (of `wallets.models`): InsufficientBalance 422, ReferenceUsed 409, HoldResolved 409, UnknownHold, UnknownAsset,
UnknownMember 404, Invalid 400. After one the caller's transaction is whole, but after one of `post_many`: its database
function raises, for it is called by other SQL too:

    with refusals_raised_by_the_database():        # wallets.models.posting
        cursor.execute(
            "SELECT ledger_post_many(array_agg(ROW(reference, asset, amount, source_user, source_system,"
            f" target_user, target_system)::transfer_entry ORDER BY …), %s, {ACTOR}) FROM …", [batch, *actor(reason)])

Balances are locked in the order of their ids, and stay locked until the caller commits: post late. Whoever posts twice in
one transaction, against members that others post to as well, may meet them in a deadlock, which `with_db_retry` gets past.
"""
