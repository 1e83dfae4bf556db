"""What stops a whole import: nothing is changed then."""

from __future__ import annotations

import errno

_WORDS = {
    errno.ENOENT: "không có tệp hoặc thư mục này",
    errno.EACCES: "không có quyền",
    errno.EPERM: "không có quyền",
    errno.ELOOP: "liên kết chạy vòng",
    errno.EEXIST: "đã có một tệp tên như vậy",
    errno.ENOTDIR: "một phần đường dẫn là tệp, không phải thư mục",
    errno.EISDIR: "là thư mục",
    errno.ENOSPC: "ổ đĩa đầy",
    errno.EDQUOT: "hết phần ổ đĩa được cấp",
    errno.EFBIG: "ổ đĩa không nhận tệp lớn như vậy",
    errno.EROFS: "ổ đĩa chỉ đọc",
    errno.ENAMETOOLONG: "tên quá dài",
    errno.EIO: "ổ đĩa bị lỗi",
}


class ImportStopped(Exception):
    """The import cannot go on; the text names file, line and the mend, in Vietnamese."""


def in_words(error: Exception) -> str:
    """Why the machine could not, in Vietnamese where it is a usual reason."""
    if isinstance(error, OSError):
        return _WORDS.get(error.errno or 0) or error.strerror or str(error)
    return str(error)
