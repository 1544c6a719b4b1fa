from reporting.tables.base import Block, Change, Measure, Table

TABLE = Table(
    id="struktur_deltagare",
    number=25,
    title="Deltagare i strukturövergripande insatser",
    population="Volymdeltagare i strukturövergripande insatser under året",
    unit="individer",
    measures=(
        Measure(id="deltagare", label="Deltagare"),
        Measure(
            id="forandring", label="Förändring", unit="procent", change=Change(of="deltagare", kind="procent")
        ),
    ),
    blocks=(
        Block(sql="SELECT coalesce(sum(antal), 0) AS deltagare FROM volym WHERE inriktning = 'struktur'"),
    ),
    definitions=("uttag", "insatser", "forandring", "aret_fore"),
    notes=("Deltagarna registreras endast till antal; samma person kan ingå flera gånger.",),
)
