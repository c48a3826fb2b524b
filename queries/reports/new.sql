-- What was seen for the first time: in a window, or in a night's report.
-- grain: one row per fact
-- reads: first_seen, ingested_accounts, nights, people, sessions
-- Optional: $since (inclusive), $until (exclusive): when it first happened, or when the lake
-- learned of what happened before (not what its first build learned: that is its history).
-- $night (date): what the report of that night tells. A closed night tells what had happened
-- by its end, was learned until it was closed, and was told by no night before; the first
-- night takes older things for known. A night that was not closed tells what happened in it.
-- $actor, $role (ARN, name or glob), $account.
with assigned as (
    select
        f.fact_id,
        min(n.night) as night
    from first_seen as f
    inner join nights as n on f.first_time::date <= n.night and f.learned_at <= n.closed_at
    where f.retracted_at is null
    group by f.fact_id
),

dated as (
    select
        f.*,
        if(
            a.night = (select min(n.night) from nights as n) and f.first_time::date < a.night,
            null,
            a.night
        ) as night,
        f.learned_at > (select min(h.learned_at) from first_seen as h) as is_after_first_build
    from first_seen as f
    left join assigned as a on f.fact_id = a.fact_id
    where f.retracted_at is null
),

wanted as (
    select
        *,
        if($night is null, first_time < $since, first_time::date < $night) as is_late
    from dated
    where
        if(
            $night is null,
            ($since is null or first_time >= $since) and ($until is null or first_time < $until)
            or (
                coalesce(learned_at >= $since, false)
                and is_after_first_build
                and first_time < $since
                and ($until is null or learned_at < $until)
            ),
            if(
                $night in (select n.night from nights as n),
                night = $night,
                first_time::date = $night
            )
        )
)

select
    w.fact_id,
    w.kind,
    coalesce(w.actor_kind, s.actor_kind) as actor_kind,
    if(w.actor_kind is null, s.actor_account, w.actor_account) as actor_account,
    if(w.actor_kind is null, s.actor_name, w.actor_name) as actor_name,
    if(w.actor_kind is null, s.actor_arn, w.actor_arn) as actor_arn,
    if(
        w.actor_kind is null,
        s.actor_display,
        coalesce(
            by_arn.display,
            if(w.actor_kind = 'external-account', null, by_name.display),
            w.actor_display
        )
    ) as actor_display,
    if(w.actor_kind is null, s.claimed_actor, null) as claimed_actor,
    if(w.actor_kind is null, s.claim_source, null) as claim_source,
    w.evidence,
    w.role_arn,
    w.from_role_arn,
    w.account_id,
    w.from_account_id,
    w.access_key_id,
    w.network,
    w.principal_id,
    w.actor_arn as denied_arn,
    w.session_id,
    w.event_id,
    w.first_time,
    w.event_count,
    w.is_late,
    (select min(h.first_time) from first_seen as h) as history_begins,
    w.account_id in (select i.account_id from ingested_accounts as i) as is_account_ingested,
    w.from_account_id in (select i.account_id from ingested_accounts as i)
        as is_from_account_ingested
from wanted as w
left join sessions as s on w.session_id = s.session_id
left join people as by_arn on w.actor_arn = by_arn.id
left join people as by_name on w.actor_name = by_name.id
where
    (
        $account is null
        or $account in (w.account_id, w.from_account_id, w.actor_account, s.actor_account)
    )
    and (
        $role is null
        or coalesce(lower(w.role_arn) glob lower($role), false)
        or coalesce(lower(w.from_role_arn) glob lower($role), false)
        or coalesce(lower(regexp_extract(w.role_arn, '[^/:]*$')) glob lower($role), false)
        or coalesce(lower(regexp_extract(w.from_role_arn, '[^/:]*$')) glob lower($role), false)
    )
    and (
        $actor is null
        or coalesce(lower(coalesce(w.actor_name, s.actor_name)) glob lower($actor), false)
        or coalesce(lower(coalesce(w.actor_arn, s.actor_arn)) glob lower($actor), false)
        or coalesce(lower(coalesce(w.actor_display, s.actor_display)) glob lower($actor), false)
    )
order by w.first_time, w.kind, w.fact_id
