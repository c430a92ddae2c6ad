"""Words that carry a sentence but not its subject. A question is searched without those of its language.

Documents keep all their words. A language that is not listed here is searched with all of a question's words: slower,
and a little worse, since "how" or "what" are rare in documents and so look as if they told much.
"""

FUNCTION_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "de": """
            ab aber alle allem allen aller alles als also am an ander andere anderen auch auf
            aus bei beim bin bis bist da damit dann das dass dein deine dem den denn der des
            dessen dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein
            eine einem einen einer eines er es etwas euch euer eure für gegen habe haben hat
            hatte hier ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jede jedem
            jeden jeder jedes kann kannst kein keine können könnte man mein meine meinem meinen
            meiner mich mir mit muss müssen nach nicht noch nun nur ob oder ohne sehr sein seine
            seinen seiner sich sie sind so soll sollte sondern über um und uns unser unsere
            unter vom von vor wann war waren warum was welche welchem welchen welcher welches
            wem wen wenn wer werde werden wessen wie wieso wieviel wir wird wo wofür wohin womit
            worden wurde wurden würde zu zum zur zwischen""",
        "en": """
            a about am an and any are as at be because been being but by can cant could d did do
            does doesn doesnt doing don dont each for from had has have having he her hers him
            his how i if in into is isn isnt it its just ll m may me might mine more most much
            must my of on or our ours re s shall she should so some such t than that the their
            theirs them then there these they this those to too us ve very was we were what when
            where which while who whom whose why will with would you your yours""",
        "es": """
            a al algo ante antes aquel aquella así como con cual cuales cualquier cuando cuanta
            cuantas cuanto cuantos de del desde donde dos el él ella ellas ellos en entre era
            eran es esa esas ese eso esos esta está están estas este esto estos fue fueron ha
            han has hay he hasta la las le les lo los más me mi mis mucho muy nada ni no nos
            nosotros o os otra otro para pero poco por porque pues puede pueden puedo que quien
            quienes se sea ser si sí sido sin sobre son soy su sus también tan tanto te tenemos
            tengo tiene tienen tienes tu tú tus un una unas uno unos usted ustedes y ya yo qué
            cómo cuál cuáles cuándo cuánta cuántas cuánto cuántos dónde quién quiénes""",
        "fr": """
            a à ai ainsi après as au aucun aussi autre autres aux avait avant avec avez avons
            avoir c ça car ce ceci cela celle celles celui ces cet cette ceux chaque chez ci
            combien comme comment d dans de depuis des donc dont du elle elles en encore entre
            es est et étaient était été être eu eux fait faire faut il ils j je l la le les leur
            leurs lors lui m ma mais me même mes moi mon n ne ni nos notre nous on ont ou où par
            pas pendant peu peut peux plus pour pourquoi pouvez puis puisse qu quand que quel
            quelle quelles quels qui quoi s sa sans se sera ses si son sont sous suis sur t ta
            te tes toi ton tous tout toute toutes très tu un une vers vos votre vous y""",
        "it": """
            a ad agli ai al alla alle allo anche ancora avere c che chi ci cioè coi col come con
            contro cosa cui d da dagli dai dal dalla dalle dallo degli dei del della delle dello
            dentro di dopo dove due e è ed era erano essa esse essere essi esso fa fino fra gli
            ha hai hanno ho i il in io l la le lei li lo loro lui ma me mi mia mie miei mio
            molto ne negli nei nel nella nelle nello no noi non nostra nostro o ogni per perché
            più poco poi possiamo posso può possono qual quale quali quando quanta quante quanti
            quanto quella quelle quelli quello questa queste questi questo qui se sei senza si
            sia siamo siete sono sopra sotto stata stati stato su sua sue sugli sui sul sulla
            suo suoi tra tu tua tuo tutti tutto un una uno v vi voi vostra vostro""",
        "nl": """
            aan al alle als altijd ben bent bij daar dan dat de den der deze die dit doe doet
            door dus een en er geen haar had hebben hebt heb heeft hem het hier hij hoe hoeveel
            hun ik in is ja je jij jou jouw jullie kan kunnen kunt maar me meer men met mij mijn
            moet moeten na naar niet niets nog nu of om omdat onder ons onze ook op over te
            tegen ten ter toch toen tot u uit uw van vanaf veel voor waar waarom wanneer want
            waren was wat we wel welk welke werd wie wij wil worden wordt zal ze zelf zich zij
            zijn zo zonder zou zullen""",
        "pt": """
            a à algum alguma ao aos as às até com como contra cada cujo da dado das de dela
            delas dele deles depois desde do dos e é ela elas ele eles em entre era eram essa
            essas esse esses esta está estão estas este estes eu foi foram há isso isto já la
            lhe lhes lo mais mas me mesmo meu meus minha minhas muito na nas não nem no nos nós
            nossa nosso num numa o onde os ou para pela pelas pelo pelos por porque pode podem
            posso quais qual quando quanta quantas quanto quantos que quê quem são se sem ser
            será seu seus sido só sobre sou sua suas também te tem têm tenho ter teu tu tua tudo
            um uma umas uns você vocês""",
        "zh": """
            什么 怎么 怎样 如何 为什 为何 多少 哪个 哪些 哪里 哪儿 哪一 何时
            是否 可以 能否 我的 我们 你们 他们 这个 那个 一个 吗 呢 的 了
            是 在""",
    }.items()
}
