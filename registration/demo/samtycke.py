"""The consent form of the demo: its version and its words (DOMAIN §4)."""

from __future__ import annotations

FORMULAR = "2024-1"

TEXT = """\
Samtycke till att uppgifter om mig registreras för uppföljning

Detta är en demonstrationstext. Ett formulär som används på riktigt fastställs av den \
personuppgiftsansvarige.

Vad det gäller
Du deltar eller ska delta i en insats som betalas av ett samordningsförbund. Staten, regionen och kommunen \
vill veta vad insatserna leder till. Därför frågar vi om vi får registrera uppgifter om dig. Samtycket \
gäller bara registreringen och bara den här insatsen. Deltar du i en annan insats får du frågan på nytt.

Det är frivilligt
Du bestämmer själv. Du får delta i insatsen på samma villkor om du säger nej, och ditt svar påverkar inte \
din rätt till ersättning eller annat stöd. Säger du nej räknas du i ett antal kvinnor eller män, utan \
uppgifter om vem du är.

Det här registreras
- Namn, personnummer eller samordningsnummer och folkbokföringskommun.
- När du började och slutade i insatsen, och varför du slutade.
- Din högsta utbildning och vem som tog initiativ till att du deltar.
- Hur länge du har haft offentlig försörjning, vilken försörjning du hade före och efter insatsen, och om du \
arbetade, studerade, sökte arbete eller var inskriven hos Arbetsförmedlingen då.
- Om du går med på det: vilken behovsgrupp du hör till av långtidssjukskrivna, unga med aktivitetsersättning \
och unga med funktionsnedsättning. Det kan säga något om din hälsa. Diagnoser registreras aldrig.
- Svaren på samordningsförbundets egna frågor, om det har några.

Vad uppgifterna används till
Till statistik över vilka som deltar och hur det går. Försäkringskassan kan jämföra uppgifterna med sitt \
förmånsregister för att se hur utbetalningarna förändras efter insatserna. I det som publiceras går det inte \
att se vem du är. Uppgifterna används inte för att fatta beslut om dig.

Vilka som ser uppgifterna
Den som är deltagaransvarig i insatsen ser vem du är. Det är någon som arbetar hos en kommun, en region, \
Arbetsförmedlingen, Försäkringskassan eller samordningsförbundet; fråga gärna vem. Andra hos \
samordningsförbundet ser bara antal. Försäkringskassan tar emot detta papper och kan se vem du är vid \
jämförelsen med förmånsregistret. En dataskyddsgranskare kan söka fram dig när du själv ber om det. Varje \
gång någon tar fram dina uppgifter antecknas det, och du kan få veta vem det var. Du går med på att \
sekretessen mellan myndigheterna bryts för detta och inget annat.

Har du skyddade personuppgifter
Säg det innan du skriver under. Då registreras inget om vem du är.

Du kan ta tillbaka ditt samtycke när som helst
Säg till den deltagaransvarige eller kontakta Försäkringskassan. Du behöver inte säga varför, och du kan \
fortsätta i insatsen. Namn, personnummer, kommun och allt annat som har registrerats om dig tas då bort \
genast och går inte att få tillbaka. Kvar blir en rad utan uppgift om vem du är: insats, kön, startår och \
slutår. Ett kvitto med ett kodnummer, utan namn, sparas som bevis för att samtycket har funnits. Statistik \
som redan är framtagen ändras inte.

Hur länge uppgifterna sparas
Så länge som gallringsbeslutet säger. Den deltagaransvarige kan visa dig beslutet.

Dina rättigheter
Du har rätt att få veta vad som är registrerat om dig, få fel rättade, få uppgifter raderade och klaga hos \
Integritetsskyddsmyndigheten. På formuläret står vem som är personuppgiftsansvarig och hur du når \
dataskyddsombudet.

Jag har läst texten eller fått den uppläst på ett språk jag förstår, och jag samtycker till att uppgifterna \
registreras.

Datum, underskrift och namnförtydligande
"""
