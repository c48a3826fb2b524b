-- The long-term access keys that an id could mean, with their owner and their use.
-- grain: one row per long-term access key that was used
-- reads: events, people
-- Optional, each finds by itself: $access_keys (list), $arn or $actor (name or display name) of
-- the owner, $address. What an IAM user's or root's own key signed names its owner. A record
-- that belongs to a session counts there and not for the key as well.
with used as (
    select
        user_access_key_id as access_key_id,
        max(user_account_id) as actor_account,
        max(user_arn) as actor_arn,
        max(
            if(
                user_type = 'Root',
                'root',
                coalesce(user_name, split_part(user_arn, '/', -1), user_principal_id)
            )
        ) as actor_name,
        max(user_type) as user_type,
        min(event_time) as first_seen,
        max(event_time) as last_seen,
        count(*) as event_count,
        list_sort(list(distinct source_ip_address)) as source_ips
    from events
    where
        user_access_key_id like 'AKIA%'
        and user_type in ('IAMUser', 'Root')
        and (session_creation_date is null or coalesce(user_principal_id, user_arn) is null)
        and ($access_keys is null or user_access_key_id in (select unnest($access_keys)))
    group by user_access_key_id
)

select
    u.* exclude (user_type),
    if(u.user_type = 'Root', 'root', 'iam-user') as actor_kind,
    coalesce(
        a.display,
        n.display,
        if(u.user_type = 'Root', 'root of ' || u.actor_account, u.actor_name)
    ) as actor_display,
    'direct' as evidence
from used as u
left join people as a on u.actor_arn = a.id
left join people as n on u.actor_name = n.id
where
    $access_keys is not null
    or u.actor_arn = $arn
    or lower($actor) in (lower(u.actor_name), lower(a.display), lower(n.display))
    or list_contains(u.source_ips, $address)
order by u.first_seen, u.access_key_id
