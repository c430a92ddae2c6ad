"""Chinese: what its words say alike, and what they turn round.

Words are not written apart. The tables' words are cut out, the longest first; what is left between them counts by its
characters. Longer words stand here too for no other reason than that no shorter one is cut out of them.
"""

from __future__ import annotations

import re

from chat.answer_cache.languages.lexicon import Lexicon, grouped, paired, words

SAME = grouped(
    """
    注销 关闭账户 销户 删除账户 取消账户
    注销 关闭 取消
    关闭 关掉 取消 停用 停止 终止
    开通 设置 启用 打开 开启
    删除 移除 去掉 删掉
    账户 帐户 账号 帐号 户口
    还款 付款 支付 缴款 还贷
    付 支付 交 缴
    修改 更改 变更 改 更新 更换 换
    申请 办理
    文件 材料 资料 证件
    房贷 住房贷款 房屋贷款 按揭 抵押贷款
    增加 上涨 上升 变高 提高 涨
    减少 下降 降低 变低 降
    最低 最少 最小
    最高 最多 最大
    费用 费
    联系 联络
    投诉 申诉
    忘记 忘了 忘
    房子 房屋 住房
    购房 买房
    买 购买
    游泳池 泳池
    酒店 宾馆 旅馆
    激活 启用
    包括 包含 含 涵盖
    今天 今日 现在 目前 当前
    明天 明日
    昨天 昨日
    所有 全部 一切
    电子邮件 邮箱 电邮 邮件
    收不到 没有收到 没收到 未收到
    退款 退钱
    退货 退回
    工资 薪水 薪资
    星期天 星期日 周日
    星期六 周六
    如果 要是 假如
    """,
    "zh",
)
WHOLE = words(
    """
    储蓄账户 支票账户 储蓄 支票 活期 定期 贷款 借款人 共同借款人 买方 卖方 固定利率 浮动利率 利率 利息 本金
    滞纳金 首付 托管
    托管账户 再融资 月供 过户费 罚金 信用卡 借记卡 银行 密码 地址 订单 机票 航班 北京 上海 经纪人 保险
    自动还款 提前还款 还款日
    到期日 手机 电话 网上 必须 应该 已 未 部分 只有 第一 最后 客服 验证码 早餐 房价 公寓 贷款人 之前 之后
    以前 以后 每月 每年 每天
    本月 上月 下月 上个月 下个月 这个月 上周 下周 这周 本周 上星期 下星期 这星期 上次 下次 这次 今晚 昨晚
    上半年 下半年 去年 今年 明年 后天 前天 上午 下午 晚上 早上 导入 导出 转账 二维码 一次性 第三方 专业版
    企业版 兑换 交换 换货 退换货 支付宝 微信支付
    """
)
LIGHT = words(
    """
    请问 请 您好 你好 谢谢 麻烦 一下 一下子 我们 你们 您们 我 你 您 的 了 吗 呢 吧 啊 呀 嘛 想要 想 要 需要
    可以 能够 能 可否 告诉 知道
    帮我 帮忙 帮 关于 是 有 个 该 就 也 在 和 与 及 跟 对 为 来 得 地 把 会 给 做 进行 操作 如何 怎么样 怎么
    怎样 什么 哪些 哪个
    哪里 哪儿 哪 多少钱 多少 多久 多长时间 何时 什么时候 几点 几天 为什么 为何 谁 是否 的话 钱 到 从 用 里 由
    被 比 那 这个 这 如果
    可不可以 能不能 是不是 有没有 要不要 会不会 里面 怎么办 怎么回事 意思 找到 必须 应该 一定要 才 都 让 使用
    会怎样 会怎么样
    提供 又
    """
) - words("收费_")

CHINESE = Lexicon(
    language="zh",
    light=LIGHT | words("人 一个"),
    optional=words("现在 目前 当前 办理 进行 使用 找到 钱 流程 步骤 手续 详情 意思"),
    negators=words("不 没有 没 无 未 别 非 不能 不可以 不用 无法 不会 不需要 不是 不要"),
    groups=SAME,
    markers=words("从 到 由 被 把 比 给 在 用 如果 对 之前 之后 以前 以后"),
    telling_markers=words("之前 之后 以前 以后"),
    breaks=words(", 但 但是 而 如果 或 或者 和"),
    owners=paired("the customer's: 我 我的 我们\nthe company's: 你们 贵公司\nsomebody else's: 他 她 他们"),
    modals=paired("can: 可以 能 能够 可否 能不能 可不可以 允许\nmust: 必须 需要 一定要 要 得\nshould: 应该"),
    tenses={},
    joins=paired("and: 和 与 及\nor: 或 或者"),
)
ASKED = re.compile(r"(?P<one>\w)[不没](?P=one)")  # "能不能": no negation, but yes or no?
KINDS = tuple(
    (re.compile(pattern), tuple(names.split()))
    for names, pattern in (
        ("frequency", "多久一次|多长时间一次|几次"),
        ("duration", "多久|多长时间|几天|几个月|多少天(?=能|可以|到)"),
        ("when", "什么时候|何时|几点|哪天|几号|什么时间|哪一天"),
        ("amount", "多少|几(?![点天号乎])|多高|多大"),
        ("where how", "在?哪[里儿]可?以?能?(?:修改|更改|找到|查看|下载)"),
        ("where", "哪[里儿]|何处|在哪"),
        ("who", "谁"),
        ("why", "为什么|为何|为啥|怎么回事|怎么会"),
        ("todo", "怎么办|如何是好"),
        ("what", "会?怎么?样(?=$|[,?？。 ])"),
        ("how", "怎么|如何|怎样"),
        ("what", "什么|哪些|哪个|哪种|哪几"),
        ("yes/no", r"吗|是否|能否|可否|(\w)[不没]\1"),
    )
)
