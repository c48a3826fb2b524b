-- Every successful call of IAM that made, changed, disabled or deleted a long-term credential,
-- and who made it (semantics.md 2, rows 26 to 28). `change` is created, active, inactive, deleted
-- or changed. `credential_id` is the access key, the id of a service-specific credential, or
-- `console-password:ACCOUNT:USER`, as in credential_uses. A key without a named user is the
-- caller's own.
-- grain: one row per change of a long-term credential
-- kind: view
-- reads: attributed_events
with calls as (
    select
        event_id,
        event_time as changed_at,
        event_name,
        recipient_account_id as owner_account,
        coalesce(
            response_elements ->> '$.accessKey.userName',
            response_elements ->> '$.serviceSpecificCredential.userName',
            request_parameters ->> '$.userName',
            if(user_type = 'Root', 'root', null),
            if(user_type = 'IAMUser', coalesce(user_name, split_part(user_arn, '/', -1)), null)
        ) as owner_name,
        case
            when contains(event_name, 'AccessKey') then 'access-key'
            when event_name in ('CreateLoginProfile', 'UpdateLoginProfile', 'DeleteLoginProfile')
                then 'console-password'
            when event_name = 'ChangePassword' then 'console-password'
            else 'service-specific'
        end as credential_kind,
        if(
            event_name = 'CreateAccessKey',
            issued_access_key_id,
            request_parameters ->> '$.accessKeyId'
        ) as access_key_id,
        coalesce(
            response_elements ->> '$.serviceSpecificCredential.serviceSpecificCredentialId',
            request_parameters ->> '$.serviceSpecificCredentialId'
        ) as specific_id,
        response_elements ->> '$.serviceSpecificCredential.serviceName' as service_name,
        lower(request_parameters ->> '$.status') as status,
        actor_kind,
        actor_account,
        actor_name,
        actor_arn,
        actor_display,
        claimed_actor,
        claim_source,
        chain,
        evidence
    from attributed_events
    where
        event_source = 'iam.amazonaws.com'
        and error_code is null
        and event_name in (
            'CreateAccessKey',
            'UpdateAccessKey',
            'DeleteAccessKey',
            'CreateLoginProfile',
            'UpdateLoginProfile',
            'DeleteLoginProfile',
            'ChangePassword',
            'CreateServiceSpecificCredential',
            'UpdateServiceSpecificCredential',
            'DeleteServiceSpecificCredential',
            'ResetServiceSpecificCredential'
        )
),

named as (
    select
        * exclude (specific_id, status),
        case credential_kind
            when 'access-key' then access_key_id
            when 'service-specific' then specific_id
            else 'console-password:' || owner_account || ':' || owner_name
        end as credential_id,
        case
            when starts_with(event_name, 'Create') then 'created'
            when starts_with(event_name, 'Delete') then 'deleted'
            when starts_with(event_name, 'Update') and status in ('active', 'inactive')
                then status
            else 'changed'
        end as change
    from calls
)

select *
from named
where credential_id is not null
