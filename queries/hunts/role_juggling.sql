-- Chains that come back to a role they already wore: credentials renewed from hat to hat, so
-- that a session of an hour never ends.
-- grain: one row per chain's beginning and the roles that it goes round
-- $least integer = 1: come back at least so often.
-- $since time: events from this time on.
-- $until time: events before this time.
-- severity: high
-- technique: T1550.001
-- blind spots: A ring is seen only as far as each AssumeRole in it is in the lake. A role that
-- puts itself on (some tools do) counts too.
-- reads: issued_credentials, session_links, sessions
with rings as (
    select
        *,
        list_sort(list_distinct(chain)) as ring_roles,
        hops - len(list_distinct(chain)) as times_back
    from sessions
    where
        hops > len(list_distinct(chain))
        and ($since is null or last_seen >= $since)
        and ($until is null or started_at < $until)
),

deepest as (
    select
        origin_session_id,
        ring_roles,
        arg_max(session_id, (hops, started_at, session_id)) as session_id,
        max(times_back) as times_back,
        count(*) as sessions,
        max(last_seen) as last_time,
        list_sort(list_distinct(flatten(list(source_ips)))) as source_addresses
    from rings
    group by origin_session_id, ring_roles
    having max(times_back) >= $least
),

issues as (
    select
        session_id,
        unnest(issue_ids) as issue_id
    from session_links
    where session_id in (select d.session_id from deepest as d)
),

calls as (
    select
        s.session_id,
        min(i.event_id) as event_id
    from issues as s
    inner join issued_credentials as i on s.issue_id = i.issue_id
    group by s.session_id
)

select
    s.actor_kind,
    s.actor_account,
    s.actor_name,
    s.actor_arn,
    s.actor_display,
    s.claimed_actor,
    s.claim_source,
    s.chain,
    s.evidence,
    d.times_back,
    s.hops,
    d.sessions,
    d.ring_roles,
    s.account_id,
    o.started_at as first_time,
    d.last_time,
    d.source_addresses,
    d.session_id,
    c.event_id
from deepest as d
inner join sessions as s on d.session_id = s.session_id
inner join sessions as o on d.origin_session_id = o.session_id
left join calls as c on d.session_id = c.session_id
order by d.times_back desc, first_time, d.session_id
