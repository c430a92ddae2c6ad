"""English: what its words say alike, and what they turn round."""

from __future__ import annotations

from chat.answer_cache.languages.english_phrases import KINDS, REWRITINGS
from chat.answer_cache.languages.lexicon import Lexicon, grouped, paired, words
from chat.answer_cache.languages.spellings import ENGLISH_SPELLINGS, LOOK_ALIKE

SAME = grouped(
    """
    delete remove erase eliminate
    cancel terminate stop
    fee charge cost
    cost price
    home house
    buy purchase
    document paper paperwork
    send mail
    ship deliver shipping delivery
    package parcel
    return sendback
    refund reimburse reimbursement moneyback
    increase raise rise
    increase higher
    reduce lower decrease drop fall
    change update modify edit alter
    change switch
    begin start commence
    fix repair solve resolve
    error problem issue trouble
    get receive obtain
    get request
    see view check look display
    see view find locate
    apply application
    app application
    enroll enrol enrollment register registration join signup
    restore recover
    picture photo image photograph
    booking reservation book reserve
    baggage luggage bag suitcase
    broken defective faulty damaged
    cheap inexpensive affordable
    quick fast rapid
    teammate teammember
    child kid
    doctor physician
    vacation timeoff pto
    employee worker
    manager supervisor boss
    customer client
    contact reach
    car auto automobile vehicle
    trip journey
    store shop
    item product article
    website site webpage
    verify verification confirm
    complete fill
    spot recognize recognise identify detect
    fraud fraudulent scam
    adjustable variable floating
    maximum max largest biggest highest greatest
    minimum min smallest lowest least
    earliest soonest
    latest newest
    last previous prior
    last final
    next following upcoming
    all every each
    whole entire full
    now today current currently presently
    transfer move
    mortgage homeloan
    autopay autopayment
    phone telephone
    mobile cell cellphone smartphone
    pc computer
    sign signature
    submit file send
    ask request
    own owner
    explain mean meaning
    borrow loan
    lend loan
    bring take carry
    switch move
    include cover
    discount rebate
    invoice bill
    zip postcode
    movie film
    usa us america american
    uk britain
    spouse partner
    college university
    lawyer attorney
    work function
    crash freeze
    decline deny reject refuse
    accept take
    allow permit
    arrive come
    leave depart
    extra additional
    january jan
    february feb
    april apr
    august aug
    september sept
    october oct
    november nov
    december dec
    monday mon
    tuesday tue tues
    wednesday wed
    thursday thu thurs
    friday fri
    license licence
    color colour
    until till
    """,
    "en",
)

LEMMAS = paired(
    """
    pay: paid pays paying payment payments payed
    buy: bought
    sell: sold sale sales
    send: sent
    lose: lost
    leave: left
    make: made
    get: got gotten
    go: went gone
    take: took taken
    give: gave given
    find: found
    keep: kept
    hold: held
    tell: told
    choose: chose chosen choice
    begin: began begun
    break: broke
    steal: stole stolen theft
    forget: forgot forgotten
    withdraw: withdrew withdrawn withdrawal withdrawals
    see: saw seen
    write: wrote written
    speak: spoke spoken
    drive: drove driven
    fly: flew flown flight flights
    rise: rose risen
    fall: fell fallen
    know: knew known
    bring: brought
    think: thought
    spend: spent
    lend: lent
    bill: billed billing
    cancel: cancellation cancellations cancelled canceled
    deliver: delivery deliveries
    refinance: refi refinancing refinances refinanced
    verify: verification verified
    apply: applied applies
    deny: denied denial
    reply: replied
    fee: fees
    complain: complaint complaints
    require: requirement requirements
    tax: taxes taxed
    person: people
    child: children
    wife: wives
    close: closed closes
    delay: delayed
    replace: replacement
    enroll: enrolment
    tooth: teeth
    foot: feet
    woman: women
    man: men
    """
)

LIGHT = words(
    """
    a an the am is are was were be been being do does did done doing have has had having will would shall should could
    may might must can i me my mine myself we us our ours you your yours it its this that these those there here
    of for in on at with to from by about as into onto via regarding concerning so then also too just really actually
    even very exactly simply basically still and or if when while what which who whom whose where why how some any
    please kindly thanks thank hi hello hey sorry want wants wanted like need needs needed know tell show
    help give let
    try trying attempt figure wonder wondering question questions go going make making allowed able possible required
    necessary mandatory obligatory compulsory such than because through way ways thing things something someone
    somebody anything info information s ll re ve d m t ok okay they them theirs got yet gonna wanna one ones
    how_much how_many how_long how_longer how_often how_frequently how_soon how_old how_far how_expensive how_high
    how_large how_big when_asked
    """
)
OPTIONAL = words(
    """
    get receive obtain see view check find locate look now currently current presently step steps process procedure
    happen happens happened place kind sort type available properly correctly anymore whether ever already bit
    """
)

ENGLISH = Lexicon(
    language="en",
    light=LIGHT,
    optional=OPTIONAL,
    negators=words("not no never without none nothing nobody neither nor cannot except excluding unless"),
    groups=SAME,
    lemmas=LEMMAS,
    markers=words(
        "of for in on at with to from by about as into onto via than before after if when because until till since "
        "through"
    ),
    telling_markers=words("before after until till since"),
    breaks=words(", but and or if when because while although though unless so"),
    owners=paired(
        "the customer's: my our mine ours\nthe company's: your yours\nsomebody else's: his her their theirs hers"
    ),
    modals=paired(
        """
        can: can could may might able possible possibly allowed permitted allow permit
        must: must need needs needed required require requires necessary mandatory obligatory compulsory requirement
        should: should ought advisable
        """
    ),
    tenses=paired("past: did was were had\nfuture: will shall gonna"),
    joins=paired("and: and\nor: or"),
    persons=paired("customer: i me we us\ncompany: you"),
    rewritings=REWRITINGS,
    kinds=KINDS,
    spelt=ENGLISH_SPELLINGS | LOOK_ALIKE,
    kind_if_no_other=(("when", "when"),),
)
