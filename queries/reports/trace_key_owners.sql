-- For whom long-term access keys were made: a key that was never used shows it nowhere else.
-- grain: one row per access key
-- reads: events
-- $event_ids (of the calls that made the keys).
select
    json_extract_string(response_elements, '$.accessKey.accessKeyId') as access_key_id,
    max(json_extract_string(response_elements, '$.accessKey.userName')) as user_name,
    max(recipient_account_id) as account_id
from events
where
    event_name = 'CreateAccessKey'
    and event_id in (select unnest($event_ids))
    and json_extract_string(response_elements, '$.accessKey.accessKeyId') is not null
group by all
order by access_key_id
