-- The sessions that an id could mean, and as what it was found in each.
-- grain: one row per session and kind of id
-- reads: session_facts, session_links, sessions
-- Optional, each finds by itself: $session (id or its beginning), $access_key, $event_id (of
-- the call that issued the session), $arn (role, user, assumed role), $actor (name or display
-- name), $principal (id), $address, $role (name), $session_name (a session called so, or a
-- claim to be so: never proof).
with found as (
    select
        session_id,
        'session' as matched_as
    from sessions
    where starts_with(session_id, $session)
    union all
    select
        session_id,
        'access key' as matched_as
    from sessions
    where list_contains(access_key_ids, $access_key)
    union all
    select
        session_id,
        'issuing event' as matched_as
    from session_links
    where list_contains(event_ids, $event_id)
    union all
    select
        session_id,
        'ARN' as matched_as
    from session_facts
    where $arn in (role_arn, user_arn)
    union all
    select
        session_id,
        'ARN' as matched_as
    from sessions
    where actor_arn = $arn and role_arn is distinct from $arn
    union all
    select
        session_id,
        'actor' as matched_as
    from sessions
    where lower($actor) in (lower(actor_name), lower(actor_display))
    union all
    select
        session_id,
        'principal id' as matched_as
    from sessions
    where principal_id = $principal or starts_with(principal_id, $principal || ':')
    union all
    select
        session_id,
        'source address' as matched_as
    from sessions
    where list_contains(source_ips, $address)
    union all
    select
        session_id,
        'role' as matched_as
    from sessions
    where lower(split_part(role_arn, '/', -1)) = lower($role)
    union all
    select
        session_id,
        'session name' as matched_as
    from sessions
    where lower($session_name) in (lower(session_name), lower(claimed_actor))
)

select distinct
    f.matched_as,
    f.session_id,
    s.started_at,
    s.last_seen,
    s.parent_session_id
from found as f
inner join sessions as s on f.session_id = s.session_id
order by s.started_at, f.session_id, f.matched_as
