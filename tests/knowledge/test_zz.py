import time, pytest, cProfile, pstats
from tests.knowledge.files import *
pytestmark = pytest.mark.django_db
def test_x(settings):
    settings.KNOWLEDGE_CHUNK_WORDS=25
    ingested("warm.md", article(2))
    p=cProfile.Profile(); t=time.time(); p.enable(); v=ingested("a.md", article(60)); p.disable(); print(time.time()-t, v.chunks_total)
    pstats.Stats(p).sort_stats("cumtime").print_stats(25)
    settings.KNOWLEDGE_CHUNK_WORDS=180
    t=time.time(); n=0
    for i in range(30): n+=ingested(f"d{i}.md", article(3,title=f"T{i}")).chunks_total
    print("30 docs", time.time()-t, n)
