-- Facts that single records tell, each of which may be the first of its kind: a long-term access
-- key in use, a network that it was used from (/24 of IPv4, /48 of IPv6; a service's name is no
-- network), and an IAM user or root who signed in to the console.
-- grain: one row per fact
-- reads: events
with used as (
    select
        if(event_name = 'ConsoleLogin', null, user_access_key_id) as access_key_id,
        if(user_type = 'Root', 'root', 'iam-user') as actor_kind,
        user_account_id as actor_account,
        if(user_type = 'Root', 'root', coalesce(user_name, split_part(user_arn, '/', -1)))
            as actor_name,
        user_arn as actor_arn,
        recipient_account_id as account_id,
        event_id,
        event_time as first_time,
        lower(source_ip_address) as address,
        list_filter(string_split(split_part(address, '::', 1), ':'), lambda g: g <> '') as head,
        list_filter(string_split(split_part(address, '::', 2), ':'), lambda g: g <> '') as tail,
        case
            when regexp_full_match(address, '\d{1,3}(\.\d{1,3}){3}')
                then regexp_extract(address, '^\d+\.\d+\.\d+') || '.0/24'
            when regexp_full_match(address, '[0-9a-f]*:[0-9a-f:.]*')
                then
                    array_to_string(
                        list_transform(
                            if(
                                contains(address, '::'),
                                list_concat(
                                    head,
                                    list_transform(
                                        range(greatest(8 - len(head) - len(tail), 0)),
                                        lambda g: '0'
                                    ),
                                    tail
                                ),
                                head
                            )[1:3],
                            lambda g: coalesce(nullif(ltrim(g, '0'), ''), '0')
                        ),
                        ':'
                    ) || '::/48'
        end as network
    from events
    where
        user_type in ('IAMUser', 'Root')
        and (
            (user_access_key_id like 'AKIA%' and event_name <> 'ConsoleLogin')
            or (
                event_name = 'ConsoleLogin'
                and event_source = 'signin.amazonaws.com'
                and error_message is null
                and (response_elements ->> '$.ConsoleLogin') = 'Success'
            )
        )
),

facts as (
    select
        'long-term-key' as kind,
        access_key_id as what,
        arg_min(used, (first_time, event_id)) as u,
        null as network
    from used
    where access_key_id is not null
    group by access_key_id
    union all
    select
        'key-network' as kind,
        access_key_id || '|' || network as what,
        arg_min(used, (first_time, event_id)) as u,
        network
    from used
    where access_key_id is not null and network is not null
    group by access_key_id, network
    union all
    select
        'console-sign-in' as kind,
        actor_arn as what,
        arg_min(used, (first_time, event_id)) as u,
        arg_min(network, (first_time, event_id)) as network
    from used
    where access_key_id is null and actor_arn is not null
    group by actor_arn
)

select
    substr(md5(kind || '|' || what), 1, 16) as fact_id,
    kind,
    u.actor_kind,
    u.actor_account,
    u.actor_name,
    u.actor_arn,
    if(u.actor_kind = 'root', 'root of ' || coalesce(u.actor_account, '?'), u.actor_name)
        as actor_display,
    'direct' as evidence,
    u.account_id,
    u.access_key_id,
    network,
    u.event_id,
    u.first_time
from facts
