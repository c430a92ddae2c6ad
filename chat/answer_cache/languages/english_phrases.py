"""English turns of phrase that say one thing, and how questions show what they ask for."""

from __future__ import annotations

from chat.answer_cache.languages.lexicon import kinds, rewritings

REWRITINGS = rewritings(
    r"""
    (?:hi|hello|hey|good (?:morning|afternoon|evening)|dear (?:sir|madam|team)|thanks|thank you)(?: there|\
         all)?(?: in advance| so much| very much)? → ,
    (?:i am |i )?(?:not sure|do not know|don't know|need to know|want to know|would like to know|wonder|\
        am wondering|wondering|was wondering|am curious|curious)(?: about)?(?= how| what| where| when| why| who|\
         which| if| whether) → ,
    (?:can|could|would|will) (?:you|someone|anyone|somebody)(?: please| kindly)? (?:tell|show|explain|\
        let me know|help|advise|clarify|walk)(?: to| with)?(?: me| us)?(?: to)?(?: understand| know| find out|\
         figure out| through)? → ,
    (?:please )?(?:tell me|let me know|explain(?: to me)?|show me|advise|help me(?: to)?(?: understand)?) → ,
    (?:do|would|might) you (?:happen to )?know → ,
    (?:is there|do you have|have you got) (?:any )?(?:a |an )?(?:way|chance|possibility|option)(?: for me|\
         for us)? (?:to|of|that i) → can i
    (?:is it|would it be) (?:possible|ok|okay|allowed|permitted|feasible|all right)(?: for me| for us)?(?: to|\
         if i)? → can i
    (?:am i|are we|are you) (?:able|allowed|permitted) to → can i
    (?:i am|we are) (?:able|allowed|permitted) to → i can
    (?:unable|not able|not allowed|not permitted) to → can not
    (?:have|has|had) (?:got )?to(?= \S) → must
    (?:find|figure|work) out → find
    find(?= what| how| where| when| who| why) → ,
    if i (?:do not|can not) → if i not
    what (?:are|is)(?: the)?(?: best| right| correct| easiest| exact)? (?:steps?|way|process|procedure|\
        method)(?: required| needed)?(?: to| for| of| i (?:need to |must |should )?(?:take|\
        follow) to) → how do i
    what (?:do|must|should|would) i (?:need to |have to |must )?do (?:in order )?to → how do i
    how (?:do|would|can|should) i go about → how do i
    what must i do to → how do i
    how come → why
    what (?:is|are|was) (?:the|your) reasons? (?:for|of|that|why) → why
    what (?:does|do|is) _(?:mean by|mean|stand for|meant by) → what is \1
    (?:what is )?(?:the )?(?:meaning|definition) of → what is
    what (?:does|do|would|will|did) _costs? → how much is \1
    what (?:is|are) (?:the|your) (?:costs?|prices?|amounts?) (?:of|for) → how much is
    how (?:much|expensive) (?:does|do|would|will|is|are) _costs? → how much is \1
    how much (?:do you|will you|am i|will i be|would you) (?:charge|charged|ask)(?: for)? → how much is
    how much (?:must|do|does|will|would|should) (?:i|it) (?:cost|must pay|pay)(?: for| to)? → how much is
    how much time|what amount of time → how long
    (?:what|which) amount(?: of)? → how much
    how many (?:days|weeks|months|hours|minutes)(?= (?:does|do|will|until|before|it)(?!\S)) → how long
    how far away → how far
    how (?:quickly|fast|soon) → how long
    what is (?:the|my|your) ((?:\S+ ){0,3}?)(?:date|deadline|day)(?= of| for| to|$| ,) → when is \1
    (?:at )?what (?:time|day|date|point)(?= (?:is|are|do|does|did|will|can|was|should|must)) → when
    what (?:is|are) (?:the|your|my) (?:opening |business |office |working )hours → what are hours
    turn(?:ed|ing|s)? on|switch(?:ed|ing|es)? on|activat(?:e|es|ed|ing)|enabl(?:e|es|ed|ing) → activate
    turn(?:ed|ing|s)? off|switch(?:ed|ing|es)? off|deactivat(?:e|es|ed|ing)|disabl(?:e|es|ed|ing)|\
        shut off → deactivate
    (?:turn|switch)(?:ed|ing|s|es)? _on → activate \1
    (?:turn|switch)(?:ed|ing|s|es)? _off → deactivate \1
    pay(?:ing|s)? off|paid off → payoff
    pay(?:ing|s)? _off → payoff \1
    (?:get|getting|got) rid of → remove
    (?:take|taking|took) (?:off|away) → remove
    when(?= (?:is|are|was|were|do|does|did|will|would|can|could|should|must|may|might|am|has|have)(?!\S)) → when_asked
    (?:sign|log)(?:ged|ging|ing|ed|s)? (?:in|on)(?: to)? → login
    (?:sign|log)(?:ged|ging|ing|ed|s)? (?:out|off)(?: of)? → logout
    sign(?:ing|ed|s)? up(?: for)? → register
    set(?:ting|s)? up → setup
    set(?:ting|s)? _up → setup \1
    lock(?:ing|ed|s)? in → lock
    put(?:ting|s)? (?:\S+ )down → put \g<0>
    fill(?:ing|ed|s)? (?:out|in) → complete
    (?:send|sending|sent|give|ship|shipping|mail) back → return
    (?:send|give|ship|mail) _back → return \1
    (?:want|get|have) (?:my |the )?money back → want refund
    (?:go|goes|going|went|gone) up → increase
    (?:go|goes|going|went|gone) down → reduce
    (?:get|gets|got|getting|become|becomes|became) higher → increase
    (?:get|gets|got|getting|become|becomes|became) lower → reduce
    (?:is|are|was|were) going to → will
    (?:get|getting|got|be|come) in touch with|(?:talk|speak|talking|speaking)(?: to| with) → contact
    customer (?:service|support|care) → support
    prior to → before
    (?:ahead of|in advance of) → before
    (?:ahead of time|before time|in advance) → early
    (?:free of charge|for free|at no cost|without charge) → free
    instead of|rather than|as opposed to → insteadof than
    (in|of|by|since|until|during|every|this|next|last|early|late|mid) may → \1 monthmay
    may(?= [\ue000-\uf8ff]) → monthmay
    (a|by|with|via|the|my|this|that|personal|cashiers?|paper|bounced|mobile|cancel) (?:checks?|cheques?) → \1 cheque
    checks|cheques → cheque
    (?:right now|at the moment|at present|as of now|these days) → now
    (?:get|gets|got) here → arrive
    make (?:a |an |my |the )?((?:\S+ ){0,2}?)(payments?) → \1pay
    make (?:a |an |my |the )?((?:\S+ ){0,2}?)(changes?)(?: to) → \1change
    (?:file|make|lodge|submit|raise|register|have) (?:a |an |my |the )?complaints? → complain
    (?:file|submit|make|put in) (?:a |an |my |the )?claims? → file claim
    (?:fixed|adjustable|variable)(?=,) → \g<0>
    (?:automatic|auto|recurring) (?:pay|payments?) → autopay
    interest rates? → rate
    (?:home|house|housing) loans? → mortgage
    checking accounts? → checking
    savings? accounts? → savings
    (?:close|closing|delete|deleting|cancel|cancelling|canceling|terminate|remove) ((?:my |the |an |our |\
        online |this |user ){0,3})(?:account|profile) → closeaccount \1
    (?:two|2|multi) (?:factor|step)(?: authentication| verification)? → twofactor
    adjustable rate mortgages? → arm
    private mortgage insurance → pmi
    annual percentage rate → apr
    home equity lines? of credit → heloc
    (?:united states|u s a|u s) → usa
    united kingdom → uk
    (?:cash machine) → atm
    (?:postal|zip) codes? → zip
    team ?members? → teammate
    (?:time off|days? off) → pto
    (?:take|taking|took) _(?:off|away) → remove \1
    daily|(?:per|each|every|a|an) day → daily
    weekly|(?:per|each|every|a) week → weekly
    monthly|(?:per|each|every|a) month → monthly
    yearly|annual|annually|(?:per|each|every|a) year → yearly
    hourly|(?:per|each|every|an) hour → hourly
    at least → minimum
    at most → maximum
    no longer|not any ?more → not
    (?:do|does|did|is|are|was) not work(?:ing)? → broken
    (?:isn|aren|doesn|don|didn) t work(?:ing)? → broken
    (?:work|works|working) from home|home office|telework|work remotely → homework
    opt(?:ing|ed|s)? (?:in|into) → optin
    opt(?:ing|ed|s)? out → optout
    check(?:ing|ed|s)? in → checkin
    check(?:ing|ed|s)? out → checkout
    pay(?:ing|s)? back → repay
    by (?:e mail|email) → email
    the (?:same|one) → same
    (?:get|receive) paid|payday|pay day → payday
    when am i paid → when payday
    (?:are|is) (?:there )?(?:any |a |an )?((?:\S+ ){1,3}?)available → do you have \1
    (?:is|are) there → do you have
    (co|pre|non|self|semi|multi|anti) ([a-z]+) → \1\2
    how (much|many|long|longer|often|frequently|soon|old|far|expensive|high|large|big) → how_\1
    do you (?:have|offer|provide) → do you have
    (?:located|based|situated) → ,
    """
)
KINDS = kinds(
    r"""
    duration: how_long(?:er)?
    frequency: how_(?:often|frequently)|how_many times
    amount: how_(?:much|many|high|large|big|expensive)
    age: how_old
    distance: how_far
    what: what (?:happens|if)
    todo: what (?:should|can|must|do|shall|could) (?:i|we) do(?= |$)|what (?:now|next|to do)
    when: when_asked|how_soon
    where how: where (?:do|can|should|could|would|must) i (?:change|update|report|get|find|see|check|view|\
        download|edit|request)
    where: where|(?:in|at|to) (?:which|what) (?:place|office|branch|address)
    who: who|whom|whose
    why: why
    how: how
    amount: (?:what|which) (?:is|are|was|were) (?:the|my|your|our) (?:(?!(?:for|of|to|in|on|when|if|from|\
        with) )\S+ ){0,4}?(?:fees?|costs?|prices?|amounts?|charges?|rates?|limits?|balance|deductible|penalty|\
        premium|maximum|minimum|lowest|highest|largest|smallest|percentage|salary|fare)
    amount: what (?:\S+ )?(?:amount|percentage|rate|price)
    what: what|which
    yes/no: (?:^|, )(?:and |or |but |so )?(?:is|are|am|was|were|do|does|did|can|could|may|might|must|will|would|\
        shall|should|has|have|had)(?= )
    """
)
