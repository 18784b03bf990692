"""Single words beside an equation that may deny it, doubt it, ask for it, or change what it is about.

A word is enough: what it says of the equation is not worked out. Taken out first are the uses that say
nothing against it, "does not depend on", "no padding", "不仅".
"""

from __future__ import annotations

import re

_OBJECT = (
    r"depend\w*|overlap\w*|pad\w*|bias\w*|strid\w*|flip\w*|rotat\w*|turn\w*|sum\w*|other\w*|more|need\w*|zeros?|0|contribut\w*|read\w*|appear\w*|occur\w*|matter\w*"
    r"|only|just|contain\w*|us(?:e|es|ed|ing)|involv\w*|chang\w*|reach\w*|cover\w*|includ\w*|touch\w*|sees?|part|longer|dilat\w*|weights?|windows?|outputs?|inputs?|entr(?:y|ies)"
    r"|activation\w*|restrict\w*|necessar\w*|exist\w*|dropout|regulari\w*|batch\w*|momentum|gradients?|terms?|effect\w*|influenc\w*|difference|surprise\w*|matrix|further|left|channels?|index|indices|inside|outside|defined|known|given|fit\w*|lie\w*|shown|written|hard|difficult|follow\w*|obvious\w*|surprising\w*|trivial\w*|new|required|interested|affect\w*|multipl\w*|add\w*|count\w*|divid\w*|visible|seen|immediate\w*|enough|learn\w*|train\w*|padding")
_HARMLESS = re.compile(
    rf"(?<![A-Za-z])(?:not|n['’]t|no|never|none)\s+(?:[a-z]+\s+){{0,3}}?(?:{_OBJECT})(?![A-Za-z])|(?<![A-Za-z])(?:can|does|do|did|need|is|are)n['’]t\s+(?:[a-z]+\s+){{0,2}}?(?:{_OBJECT})(?![A-Za-z])"
    r"|(?<![A-Za-z])(?:do\s+not|don['’]t|never)\s+forget|(?<![A-Za-z])(?:no|not)\s+(?:doubt|question)(?![A-Za-z])|depend\w*\s+on\s+whether|(?<![A-Za-z])nothing\s+else|without\s+(?:loss|doubt)|to\s+avoid|fully\s+(?:written|spelled|expanded)|nothing\s+(?:is\s+)?wrong|errors?\s+(?:signal|term|at|of|from|flow\w*|is|are|propagat\w*)"
    r"|(?:若|如果|当|假如)不是|不是(?:取|该|窗口)?[^，。]{0,6}最大|不会(?:了|推|做|算|证|写|用到|影响|读到|出现|改变|重叠|变|被)|错位|错开|交错|无疑|毫无疑问|(?:is|are|was)\s+not\s+(?:the\s+)?(?:\w+\s+)?(?:max\w*|larg\w*)|(?:if|when|where)\s+(?:it\s+is\s+)?not(?![A-Za-z])"
    r"|不(?:仅|止|同|变|难|妨|过|再|旋转|翻转|重叠|补零|填充|依赖|含|包含|参与|超[过出]|存在|影响|用|需|考虑|计|只|断|到)|误差|无(?:关|填充|偏置|需|论)|没有(?:填充|偏置|重叠|其他|别的)|未(?:填充|知|翻转|旋转)", re.I)
_AGAINST = re.compile(
    r"(?<![A-Za-z])(?:not|no|never|neither|nor|nowhere|nobody|cannot|can['’]t|won['’]t|(?:is|are|was|does|do|did|would|should|could)n['’]t"
    r"|wrong\w*|false\w*|untrue|incorrect\w*|invalid\w*|erroneous\w*|mistak\w*|misprint\w*|typos?|(?:contain\w*|has|have|with)\s+(?:an?\s+)?errors?|find\s+the\s+error|errors?\s+(?:in|here|below|above)|doubt\w*|questionabl\w*|whether|reject\w*|refut\w*|disprov\w*|den(?:y|ies|ied)|contradict\w*"
    r"|counter-?examples?|absurd\w*|nonsens\w*|fail\w*|disagree\w*|disput\w*|unless|except\w*|iff|ceases?|far\s+from|hardly|rarely|seldom|maybe|perhaps|might|approximat\w*|roughly|nearly|almost|to\s+first\s+order"
    r"|modulo|up\s+to\s+(?:an?\s+|the\s+|some\s+)?(?:\w+\s+)?(?:sign|factor|constant|order|scal\w*|permutation|rotation|transpos\w*)|draft|should\s+read|who\s+is\s+right|(?:correct|find)\s+the\s+(?:following|errors?|mistakes?|bugs?|slips?|faults?)|student(?:['’]s)?\s+(?:[A-Z](?![a-z])|answer\w*)|one\s+may\s+think|bugs?|buggy|(?:before|after)\s+(?:the\s+)?(?:fix|erratum|correction)|to-?do|dead\s+end|sic|nope|(?:0|zero|no)\s+points|crossed\s+out"
    r"|hallucinat\w*|chatgpt|myths?|traps?|tempt\w*|used\s+to\s+believe|nothing\s+(?:supports|proves)|lacks?|lacking|too\s+many|too\s+few|forg[eo]t\w*|withdrawn|errat\w+|retract\w*|would\s+be|half\s+of"
    r"|negat(?:e|ed|ive\s+of)|with\s+every\s+(?:plus|minus|sign)|(?:sign|factor|term)\s+(?:is|was|were|has\s+been)\s+(?:dropped|omitted)|replace\s+…|(?:output|result|loss|it|this)\s+(?:is|was|are)\s+(?:divided|multiplied)\s+by|skip\s+connection|straight-through|in\s+expectation|(?:ignoring|neglecting)\s+(?:the\s+)?(?:contribution|factor|sign|constant|second|other|rest)\w*|blunder\w*|scrap|oops|must\s+be\s+corrected"
    r"|contradiction|reductio|off\s+by|extra\s+(?:minus|sign|factor)|unfortunately|which\s+of\s+(?:these|the\s+following)|contrary\s+to|apart\s+from|(?:is|are)\s+missing|only\s+if|careless\w*|twice\s+this|common\s+errors?)(?![A-Za-z])|👎|❌|✗|✘|×\s*[)）]|[!！]{2}\s*$"
    r"|不(?:对|成立|正确|等于?|一定|能|可|应|会|是)|未必|并非|切勿|严禁|错|误|疑|否定|反例|千万|其实不|不然|不符|更正|矛盾|反证|尚待|待证|相反数|省略了?(?:负号|符号|因子|系数|一项)|仅为|的?一半|忽略(?:常数|因子|符号|系数|第|其余)|把\s*…\s*换成|期望意义|旋转了|经不起|[漏少多]了?一项|[漏少多]了|除.{0,12}外|需要?再?(?:乘|除以)|误导|存疑|是否|判断|难说|近似|约等|差(?:一|个|了|常)|应(?:改|为)|吗|试问|有人认为", re.I)
_ASKED = re.compile(r"[^.。;；!！\n]{0,60}[?？]")
_OTHERWISE = re.compile(
    r"(?<![A-Za-z])(?:doubl\w+|halv\w+|tripl\w+|strided|holes?|(?:image|input)\s+(?:is\s+)?(?:now\s+)?mirror\w*|mirrored\s+(?:image|input)|torus|toroidal|cyclic\w*|wrap\w*|frozen|freez\w*|masked|zeroed|redefin\w*"
    r"|swap\w*\s+(?:roles|the\s+(?:letters|names|roles))|(?:roles|letters|names)\s+(?:are\s+)?swap\w*|scaled\s+(?:outputs?|inputs?|loss)|(?:mean|average)\s+over\s+the\s+batch"
    r"|fully[- ]connected|dense\s+layer|dropping\s+out|quanti[sz]\w*|clipp\w*|(?:from\s+now\s+on|henceforth)[^.;]{0,40}\s(?:denotes?|means?|is|stands?))(?![A-Za-z])"
    r"|(?:in\s+this\s+line|here|read)\s+…?[^.;]{0,24}(?:stands?\s+for|means?)\s+(?:its|the\s+(?:padded|rotated|flipped|scaled|negative|square))|^\s*in\s+(?:full|same)\s+mode\s*[,:]|加倍|减半|带步幅|补一?圈零|(?:图像|输入)[^。，；]{0,4}镜像|冻结|掩码卷积|重新?定义|(?:角色|字母|记号)互换|互换(?:角色|字母)|缩放[过后]的"
    r"|(?:以下|此后|令|设|记)[^。，；]{0,12}(?:翻转后|激活后|填充后)|(?:以下|此后)\s*(?:记|…\s*表示)|全连接", re.I)
_SUPPOSED = re.compile(
    r"(?<![A-Za-z])(?:(?:kernels?|weights?|matrix|filters?)\s+of\s+(?:all\s+)?(?:ones|zeros)|all-?\s?ones|all-?\s?zeros?|zero\s+kernel|identity|(?:weights?|entries)\s+(?:are|be|is)\s+(?:all\s+)?(?:equal|the\s+same|1|one|0|zero)|symmetric)(?![A-Za-z])"
    r"|全为?\s*[01]|全\s*[01]|权重(?:都)?相等|对称", re.I)
_LARGEST = re.compile(r"(?:max\w*|largest)\s+(?:entry\s+|value\s+|element\s+)?(?:in|of)\s+(?:\w+\s+)?windows?", re.I)
_RANGE = re.compile(r"(?<![A-Za-z])out(?:side|\s+of\s+range)(?![A-Za-z])|beyond|越界|之外|超出|范围外", re.I)
_WITHIN = re.compile(
    r"(?<![A-Za-z])(?:in|inside|within|into|to)\s+(?:(?:the|a|its|that|this|some|every|each)\s+)?(?:\w+\s+){0,2}windows?(?![A-Za-z])|windows?\s+(?:that|which)\s+contain"
    r"|窗口(?:内|中|里)(?!没有|只有|的?最大)|einstein|爱因斯坦", re.I)


def out_of_range(text: str) -> bool:
    """Whether words speak of positions outside a range: ``$W_{ab} = 0$ out of range``."""
    return _RANGE.search(text) is not None


def within(text: str) -> bool:
    """Whether words keep the equation to a window, or leave its sums to a convention."""
    return _WITHIN.search(_LARGEST.sub(" ", text)) is not None


def against(text: str) -> bool:
    """Whether words may deny or doubt the equation beside them."""
    return _AGAINST.search(_HARMLESS.sub(" ", text)) is not None


def asked(after: str) -> bool:
    """Whether the sentence that goes on behind an equation ends as a question."""
    return _ASKED.match(after) is not None


def otherwise(text: str) -> bool:
    """Whether words change the layer or the letters."""
    return _OTHERWISE.search(_HARMLESS.sub(" ", text)) is not None


def supposed(text: str) -> bool:
    """Whether words give the weights values."""
    return _SUPPOSED.search(text) is not None
