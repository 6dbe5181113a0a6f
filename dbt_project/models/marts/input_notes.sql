with

notes as (

    select * from {{ source('input_check', 'input_notes') }}

)

select * from notes
order by note_number
