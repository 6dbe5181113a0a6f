{{ rank_candidates(ref('internal_candidates'), 'internal') }}
