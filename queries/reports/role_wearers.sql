-- Who wore each role, reached through which roles, how often, and how far that is proven.
-- grain: one row per role, wearer (or claim), chain of roles and evidence grade
-- reads: attributed_events, issued_credentials, session_links, sessions
-- Optional: $since (inclusive), $until (exclusive): by the time of the calls made under the role;
-- $role (ARN, name or glob of the role worn), $actor (name, ARN or display, or glob), $account (of
-- the role or of the actor). A role that was handed out with no call under it in the lake counts
-- in `not_seen`, by the time of the call that handed it out. `days` are those with a call under
-- the role or with a session not seen.
with used as (
    select
        session_id,
        count(*) as events,
        count(*) filter (
            where regexp_matches(
                error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
            )
        ) as denied,
        min(event_time) as first_time,
        max(event_time) as last_time,
        list(distinct event_time::date) as days
    from attributed_events
    where
        session_id is not null
        and ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
    group by session_id
),

worn as (
    select
        s.role_arn,
        split_part(s.principal_id, ':', 1) as role_id,
        s.actor_kind,
        s.actor_account,
        s.actor_name,
        s.actor_arn,
        s.actor_display,
        s.claimed_actor,
        s.claim_source,
        s.chain,
        s.evidence,
        s.evidence_events,
        s.session_id,
        s.session_name,
        s.root_mfa,
        true as is_seen,
        u.events,
        u.denied,
        u.first_time,
        u.last_time,
        u.days
    from used as u
    inner join sessions as s on u.session_id = s.session_id
    where s.role_arn is not null
),

linked as (
    select distinct unnest(issue_ids) as issue_id from session_links
),

handed_out as (
    select *
    from issued_credentials
    where
        issue_kind = 'role'
        and role_arn is not null
        and ($since is null or issued_at >= $since)
        and ($until is null or issued_at < $until)
        and issue_id not in (select l.issue_id from linked as l)
),

makers as (
    select *
    from attributed_events
    where event_id in (select h.event_id from handed_out as h)
    qualify row_number() over (partition by event_id order by recipient_account_id) = 1
),

not_used as (
    select
        h.role_arn,
        nullif(split_part(h.principal_id, ':', 1), '') as role_id,
        e.actor_kind,
        e.actor_account,
        e.actor_name,
        e.actor_arn,
        e.actor_display,
        e.claimed_actor,
        e.claim_source,
        list_append(e.chain, h.role_arn) as chain,
        if(e.evidence = 'direct', 'proven', e.evidence) as evidence,
        list_distinct(list_concat(e.evidence_events, h.event_ids)) as evidence_events,
        null as session_id,
        h.session_name,
        if(e.actor_kind in ('iam-user', 'root'), h.caller_mfa, null) as root_mfa,
        false as is_seen,
        0 as events,
        0 as denied,
        h.issued_at as first_time,
        h.issued_at as last_time,
        [h.issued_at::date] as days
    from handed_out as h
    inner join makers as e on h.event_id = e.event_id
),

wearings as (
    select * from worn
    union all
    select * from not_used
)

select
    role_arn,
    actor_kind,
    actor_account,
    actor_name,
    max(actor_arn) as actor_arn,
    actor_display,
    claimed_actor,
    claim_source,
    chain,
    evidence,
    count(*) filter (where is_seen) as sessions,
    count(*) filter (where not is_seen) as not_seen,
    list_sort(list_distinct(flatten(list(days)))) as days,
    sum(events)::bigint as events,
    sum(denied)::bigint as denied,
    min(first_time) as first_time,
    max(last_time) as last_time,
    count(*) filter (where root_mfa) as with_mfa,
    count(*) filter (where not root_mfa) as without_mfa,
    count(*) filter (where root_mfa is null) as mfa_unknown,
    map_entries(histogram(session_name) filter (where session_name is not null)) as session_names,
    list_sort(list(distinct role_id) filter (where role_id is not null)) as role_ids,
    arg_max(session_id, (last_time, session_id)) as last_session_id,
    arg_max(evidence_events, (last_time, session_id, evidence_events)) as evidence_events
from wearings
where
    (
        $role is null
        or lower(role_arn) glob lower($role)
        or lower(regexp_extract(role_arn, '[^/:]*$')) glob lower($role)
    )
    and (
        $actor is null
        or lower(actor_name) glob lower($actor)
        or lower(actor_arn) glob lower($actor)
        or lower(actor_display) glob lower($actor)
    )
    and (
        $account is null
        or split_part(role_arn, ':', 5) = $account
        or actor_account = $account
    )
group by
    role_arn,
    actor_kind,
    actor_account,
    actor_name,
    actor_display,
    claimed_actor,
    claim_source,
    chain,
    evidence
order by role_arn asc, last_time desc, actor_kind asc, actor_name asc, claimed_actor asc, chain asc
