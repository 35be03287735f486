/* SPDX-License-Identifier: GPL-2.0 */
/* Keys as the dashboard knows them: code points of text, and these beyond all of them. */
#ifndef EPSCOPE_UI_KEYS_H
#define EPSCOPE_UI_KEYS_H

enum ui_key {
	UIKEY_NONE = 0, /* no key waits */
	UIKEY_TAB = '\t',
	UIKEY_ENTER = '\n',
	UIKEY_ESC = 27,
	UIKEY_REDRAW = 12, /* Ctrl-L */
	UIKEY_BACKSPACE = 127,
	UIKEY_FIRST = 0x200000,
	UIKEY_UP,
	UIKEY_DOWN,
	UIKEY_LEFT,
	UIKEY_RIGHT,
	UIKEY_PAGE_UP,
	UIKEY_PAGE_DOWN,
	UIKEY_HOME,
	UIKEY_END,
	UIKEY_BACKTAB,
	UIKEY_F0, /* F1 is UIKEY_F0 + 1 */
	UIKEY_F10 = UIKEY_F0 + 10,
	UIKEY_HANGUP, /* the terminal is gone */
	UIKEY_OTHER,
};

#endif
