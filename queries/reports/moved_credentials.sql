-- Where the credentials of workloads' sessions were used from, for sessions that were used from
-- several source addresses, or from one that a person or a long-term key used too: the log proves
-- to whom credentials were issued, not who held them.
-- grain: one row per session and source address
-- reads: attributed_events
-- $session_ids (list). Optional: $since, $until of the question; the use of a session is looked at
-- 36 hours beyond them, the longest that it can live, and the use by people in all of the lake.
-- A service's DNS name is no address. Of a session all is the same in each event, but that a call
-- known by another account's copy is proven where the session itself is direct: proven is shown.
with used as materialized (
    select
        session_id,
        source_ip_address as address,
        any_value(actor_kind) as actor_kind,
        any_value(actor_account) as actor_account,
        any_value(actor_name) as actor_name,
        any_value(actor_arn) as actor_arn,
        any_value(actor_display) as actor_display,
        any_value(claimed_actor) as claimed_actor,
        any_value(claim_source) as claim_source,
        any_value(chain) as chain,
        max(evidence) as evidence,
        count(*) as events,
        min(event_time) as first_time,
        max(event_time) as last_time,
        list_sort(list(distinct user_access_key_id) filter (user_access_key_id is not null))
            as access_key_ids
    from attributed_events
    where
        actor_kind = 'workload'
        and session_id in (select unnest($session_ids))
        and ($since is null or event_time >= $since::timestamptz - interval 36 hours)
        and ($until is null or event_time < $until::timestamptz + interval 36 hours)
        and (
            regexp_matches(source_ip_address, '^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$')
            or contains(source_ip_address, ':')
        )
    group by session_id, address
),

people as (
    select
        source_ip_address as address,
        list_sort(
            list(distinct actor_kind || ' ' || coalesce(actor_display, actor_name, actor_arn))
        ) as also_used_by
    from attributed_events
    where
        actor_kind in ('iam-user', 'root', 'identity-center-user', 'saml-user')
        and source_ip_address in (select u.address from used as u)
    group by source_ip_address
),

placed as (
    select
        u.*,
        coalesce(p.also_used_by, []) as also_used_by,
        count(*) over (partition by u.session_id) as addresses,
        bool_or(p.address is not null) over (partition by u.session_id) as meets_people
    from used as u
    left join people as p on u.address = p.address
)

select * exclude (addresses, meets_people)
from placed
where addresses > 1 or meets_people
order by session_id, len(also_used_by) = 0, first_time, address
