"""What services call the hub's values: the words that teams use, English and Chinese. Data only."""

from collections.abc import Mapping

_TABLE = {
    # requirement status
    "new": """
        new, backlog, to do, todo, open, ideas, inbox, incoming, icebox, submitted, requested,
        not started, qualification, prospecting, 资格审查, 初步接洽, 待办, 待处理, 新建, 新增, 未开始, 需求池, 待评估, 收集箱, 打开, reopened, 重新打开, 收件箱
        """,
    "clarifying": """
        clarifying, clarification, needs info, waiting for customer, waiting for client,
        analysis, refinement, discovery, in analysis, needs analysis, 需求分析, 需求确认, 澄清, 待澄清, 分析中, 需求澄清, 等待客户
        """,
    "approved": """
        approved, ready, selected for development, ready for development, planned, accepted for
        work, ready to start, ready for dev, next up, up next, sprint backlog, 已批准, 已确认, 已排期, 待开发, 计划中, 审批通过
        """,
    "in_progress": """
        in progress, doing, in development, development, developing, wip, working, started,
        implementing, 进行中, 正在处理, 开发中, 处理中, 实现中, 正在进行, 在做
        """,
    "review": """
        in review, review, code review, testing, in testing, test, qa, verification, uat,
        staging, 评审, 评审中, 审核中, 测试中, 测试, 待验证, 待测试, 待审核, 验证中
        """,
    "delivered": """
        done, delivered, closed, complete, completed, finished, resolved, released, shipped,
        deployed, live, won, closed won, deal won, 赢单, 成交, 已成交, 已签约, 完成, 已完成, 已关闭, 关闭, 已交付, 已上线, 已发布, 已解决
        """,
    "accepted": "accepted, signed off, client accepted, customer accepted, 已验收, 验收通过, 客户已验收",
    "on_hold": """
        on hold, blocked, paused, postponed, deferred, waiting, parked, parking lot, later, 挂起,
        暂停, 搁置, 暂不处理, 已暂停, 阻塞, 延期, 等待
        """,
    "rejected": """
        rejected, declined, won't do, wont do, won't fix, cancelled, canceled, invalid,
        duplicate, obsolete, abandoned, withdrawn, not doing, never doing, not planned, cannot reproduce, can't reproduce,
        lost, closed lost, deal lost, 拒绝, 已拒绝, 取消, 已取消, 作废, 不做, 驳回, 已驳回, 不予处理, 无效, 重复, 无法重现,
        丢单, 输单, 丢失, 流失, 已流失
        """,
    # task status
    "todo": "to do, todo, open, new, backlog, not started, 待办, 待处理, 未开始, 新建, 打开, reopened, 重新打开",
    "doing": "in progress, doing, in development, in review, review, testing, wip, 进行中, 处理中, 开发中, 评审中",
    "done": "done, closed, complete, completed, finished, resolved, 完成, 已完成, 已关闭, 关闭",
    # priority
    "critical": "critical, highest, blocker, urgent, p0, immediate, 最高, 紧急, 非常紧急, 致命, 阻断",
    "high": "high, major, important, p1, 高, 较高, 重要, 严重",
    "medium": "medium, normal, moderate, default, p2, 中, 普通, 一般, 中等, 正常",
    "low": "low, lowest, minor, trivial, p3, p4, 低, 较低, 最低, 轻微, 不紧急",
    # requirement type
    "feature": "feature, story, user story, new feature, requirement, task, 需求, 故事, 用户故事, 功能, 任务",
    "change": "change, change request, improvement, enhancement, 变更, 改进, 优化, 变更请求",
    "defect": "defect, bug, incident, problem, 缺陷, 故障, 错误, 问题",
    "question": "question, support, inquiry, help, 咨询, 疑问, 支持",
}

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    value: tuple(name.strip() for name in names.replace("\n", " ").split(",")) for value, names in _TABLE.items()
}
"""By canonical value: its names, the most usual first, in lower case."""
CLOSING = frozenset({"closed", "close", "archived", "archive", "关闭", "已关闭", "归档", "已归档"})
"""Names of an end that say neither that it was reached nor that it was given up."""
FAILING = ("failed", "fails", "failure", "unresolved", "不通过", "未通过", "失败", "未解决")
STEPS = (
    *("dev", "development", "design", "analysis", "test", "testing", "tests", "qa", "review", "code", "coding"),
    *("spec", "specification", "estimation", "merge", "开发", "测试", "设计", "分析", "评审", "审核", "编码", "评估"),
)
"""Parts of the work: that one of them has ended does not end the whole."""
OF_A_SALE = ("negotiation", "proposal", "quote", "谈判", "报价", "提案")
"""Steps of a sale, which say nothing of the work."""
