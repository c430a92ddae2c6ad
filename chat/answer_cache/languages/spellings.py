"""Words as they are spelt right, in ordinary questions to a business.

A word that stands here is what it says. One that stands nowhere, and is a slip away from one that does, is taken for
it. The last lines hold words that look like others and mean something else, so that they are not taken for those.
"""

from __future__ import annotations

from chat.answer_cache.languages.lexicon import words

ENGLISH_SPELLINGS = words(
    """
    account accounts access activate address addresses adjustable admin advance agent agreement airport alert
    allowance
    amount annual answer appeal application appointment appraisal approval approve approved attach attachment auction
    authorize authorized autopay available average baggage balance balances bank banking bankruptcy
    beneficiary benefit
    benefits billing birthday booking borrow borrower borrowing branch broker browser budget building business button
    calculate calculator calendar cancel cancellation capital card carrier category certificate change charge charges
    check checking claim claims client closing code collect collection comment commission company compare compensation
    complaint complete computer condition condo conditions confirm confirmation connect connection contact contract
    conventional convert cookie copy correct cost costs country county coupon coverage create credit current currency
    customer customers damage damaged database date death debit debt decline deductible deduction default delay delete
    deliver delivery demand dentist department dependent deposit deposits description desktop detail device difference
    different digital direct disability discount dispute distance district divorce document documents domain
    donation download driver duplicate economy education effect electric electricity electronic eligible eligibility
    email emergency employee employer employment enable encryption engine enroll enrollment entertainment envelope
    equipment equity escrow estimate example exchange expense expenses expiration expire explain export express
    extend extension extra family feature features federal feedback file filter finance financing finger flight flood
    folder foreclosure foreign forward fraud freeze friend garage gift government grace graduate grocery gross group
    guarantee guest handling headphones health history holiday hotel homeowner homeowners hospital household housing
    identity image import income increase index individual inflation information inquiry inspection install
    instalment installment insurance insured interest interested internal international internet invest investment
    invitation invite invoice issue item jacket kitchen language laptop laundry lawyer lease leave lender
    lenders lending
    level license licence limit link liquid listing loan loans local location login luggage machine mailing
    maintenance manage manager market maximum medical medicine member membership message messages meter minimum mobile
    modem modification money monitor month monthly mortgage mortgages motor movie navigation network newsletter
    notification notifications number nurse occupancy offer office officer online operator option order orders
    organization origination outlook overdraft overtime owner package paper parcel parent parental parking partial
    participant partner passport password passwords patient payment payments payoff payroll penalty pension percent
    period permanent permission permit personal pharmacy phone photo picture pickup plan platform player policy portal
    portfolio position postage potential premium prepaid prepayment prescription present press previous price
    primary principal print printer priority privacy private prize problem process product profile profit program
    project promotion property proposal protect protection provider public purchase qualify quality quarter
    question quick quote railway rate rates rating receipt receive recipient recommend record recover recurring
    redeem reduce reference referral refinance refinancing refund refundable refuse region register registration
    reimburse reimbursement reject relative release reliable remember reminder remote remove renew renewal rent rental
    repair replace replacement report request require requirement requirements reservation reserve reset residence
    resident resolve response restaurant restore result retire retirement return review reward rewards roaming
    router salary sale sales satisfaction savings schedule school screen search season secure security select sell
    seller send separate service services setting settings settlement share shipment shipping shoes shortage shower
    sign signal signature single social software spouse standard statement statements station status storage store
    street student submit subscribe subscription subsidy suitcase support surcharge survey suspend switch
    system tablet
    taxes teacher technical telephone television template temporary tenant terminal terminate terms theft ticket title
    total tracking traffic training transaction transactions transfer transfers transit transport travel treatment
    trial trip trouble truck trust tuition underwriting underwriter unemployment university unlimited update upgrade
    upload usage user username utility vacation vaccine vacuum valid value variable vehicle verification
    verify version
    veteran video violation visit voicemail voucher wages waiting waive waiver wallet warehouse warranty warning
    wedding weekend weekly welcome withdraw withdrawal window winter wire wireless witness worker workplace
    yearly yesterday tomorrow january february march april june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday
    """
)
LOOK_ALIKE = words(
    """
    chase accept except affect board broad brand bread casual causal career cancer charger charter choice
    chose client clerk
    clean clear coast coats contest context content contents convent convict council counsel counter court could
    conduct conduit contrast control crate create crowd cloud dairy daily diary desert dessert device divide devise
    descent decent draft drift draught either ether expand expend expert expect extent extant factor faculty
    farmer former father further forth fourth formal format found fund general genera guard guided holder older
    human humane immigrant emigrant instal instant insure ensure assure intent intend latter later letter
    ladder leader
    loose lose lost least lease leash lesson lessen liable libel local locale loss marital martial metal medal mental
    minor miner moral morale mother moth native naive nation notion ocean parole patrol payer payee peace piece place
    plane plain planet plant paint point print printer pointer painter poster posture porter prescribe proscribe
    precede proceed preview previews private privates proper prosper quiet quite quota quote racket rocket rebate
    recent resent relay reply reality realty remit report resort respect retail retain rotation ration route routine
    sealer sailor scanner scammer seller sender server sever several shop ship shape sharp sheet shirt skirt
    short shore
    slipper sole sold soldier solid state statue status statute stationary stationery story store storey strap stripe
    string strong spring suite suit sweet table tables tablet tablets tailor trailer trail trial trader
    trainer trainee
    tender tenure through thorough thought though throughout tracker tracer trip tripe truck track trust truss
    union unions united untied urban useful version vision visa vital vessel wander wonder weather whether
    wheel whole while winner dinner winter writer waiter water worth wrath word world sword yearn addition edition
    addiction additive additional baking banking booking blocking packing parking packet pocket bonds bounds cashier
    collage college colleague commend comment command commit comet conform confirm consul console contract contact
    contractor contractors contracts contacts currant current curtain certain deposition disposition deserve reserve
    discreet discrete elicit illicit employ deploy eligible illegible exercise exorcise expense expanse finance fiance
    fiancee finale final finals flour floor flood blood foreword forward hanger hangar hostel hotel hospice hospital
    ingenious ingenuous insight incite installer installed lender leader lenders leaders lightening lightning message
    massage passage package mortgagee mortgagor mortgaged notary rotary oblige obligee personal personnel persona
    persecute prosecute perspective prospective physic physics physical fiscal principal principle product produce
    program programs progress property propriety provider provided rental mental renter recipe receipt recipient
    refuse refuge refund refunds region religion resign design reassign resume residence residents resident rainy
    savings savage sanding sending sensor censor session cession simulate stimulate shipment shipments
    shopping shipping
    spacial special spouse sprouse subscribe subscriber tenant tenants tenets tortuous torturous transit transfer
    transformer travel travail treaty treatment underwriter vacation vocation vendor venue verify versify wages wagers
    austria australia iran iraq niger nigeria slovakia slovenia dominica dominican guinea guyana georgia georgian
    county country countries counties plan plant planes plans plants place palace
    """
)
