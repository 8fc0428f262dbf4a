"""How a fault of ours is told of in the log."""


def where(error: BaseException) -> str:
    """Tell what broke and where, without the error's own words.

    Nobody knows what is in those: a plate, a password or an address.
    """
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = (
        f" in {frame.tb_frame.f_code.co_qualname}:{frame.tb_lineno}" if frame else ""
    )
    return f"{type(error).__name__}{place}"
