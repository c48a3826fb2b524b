-- Why the lake does not show who began a session's chain, and whose trail would: no issuing
-- call, a call whose caller is only an account, several possible callers, a sign-in without a
-- record (semantics.md 3.2, 3.3). A user's own console session without its sign-in stands here
-- as well: who it was is known, how the user signed in is not.
-- grain: one row per session that starts a chain and whose beginning is not in the lake
-- kind: view
-- reads: chains, ingested_accounts, session_facts, session_links
with tops as (
    select
        c.session_id,
        c.origin,
        c.actor_kind,
        f.account_id,
        f.user_type,
        f.from_console,
        f.session_creation_date,
        f.role_arn,
        l.outcome,
        l.issue_kind,
        l.caller_account_id,
        l.caller_invoked_by,
        coalesce(
            if(
                l.outcome = 'found' and l.caller_account_id is not null,
                l.caller_account_id,
                split_part(f.role_arn, ':', 5)
            ),
            f.account_id
        ) as missing_account
    from chains as c
    inner join session_facts as f on c.session_id = f.session_id
    left join session_links as l on c.session_id = l.session_id
    where
        c.session_id = c.origin_session_id
        and (
            c.actor_kind in ('unresolved', 'external-account')
            or (f.user_type in ('IAMUser', 'Root') and f.from_console and l.session_id is null)
        )
)

select
    t.session_id,
    t.missing_account,
    a.account_id is not null as is_ingested,
    a.first_time as ingested_from,
    case
        when t.origin = 'ring' then 'broken-records'
        when t.origin = 'ambiguous' then 'ambiguous'
        when t.outcome = 'found' and t.caller_invoked_by = 'account-access.amazonaws.com'
            then 'account-access-manager'
        when t.outcome = 'found' and a.account_id is null then 'caller-account-not-ingested'
        when t.outcome = 'found' then 'caller-not-in-the-lake'
        when t.user_type = 'Root' or t.from_console then 'no-sign-in-record'
        when a.account_id is null then 'account-not-ingested'
        when t.session_creation_date < a.first_time then 'before-the-lake'
        else 'issuing-call-not-in-the-lake'
    end as reason
from tops as t
left join ingested_accounts as a on t.missing_account = a.account_id
