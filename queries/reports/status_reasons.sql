-- Why events are not attributed to a person or machine, and whose trail is missing.
-- grain: one row per reason and evidence grade
-- reads: attributed_events, chains, session_gaps
-- Optional: $since (inclusive), $until (exclusive). An outside account counts as open: the
-- account is proven, who in it is not.
with open_events as (
    select
        session_id,
        evidence,
        actor_kind,
        actor_account,
        claim_source,
        recipient_account_id,
        count(*) as events
    from attributed_events
    where
        actor_kind in ('unresolved', 'external-account')
        and ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
    group by all
),

explained as (
    select
        e.*,
        case
            when g.reason is not null then g.reason
            when e.session_id is not null then 'broken-records'
            when e.actor_kind = 'external-account' then 'outside-account'
            when e.claim_source is not null then 'failed-sign-in'
            else 'no-identity'
        end as reason,
        case
            when g.reason is not null then g.missing_account
            when e.actor_kind = 'external-account' then e.actor_account
        end as missing_account
    from open_events as e
    left join chains as c on e.session_id = c.session_id
    left join session_gaps as g on c.origin_session_id = g.session_id
)

select
    reason,
    evidence,
    sum(events)::bigint as events,
    count(distinct session_id) as sessions,
    list_sort(
        list(distinct recipient_account_id) filter (recipient_account_id is not null)
    ) as accounts,
    list_sort(list(distinct missing_account) filter (missing_account is not null))
        as missing_accounts
from explained
group by reason, evidence
order by events desc, reason, evidence
