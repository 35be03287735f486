/* SPDX-License-Identifier: GPL-2.0 */
#define _GNU_SOURCE
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include "keys.h"
#include "log.h"
#include "looks.h"
#include "shield.h"
#include "term.h"

#define ESC_DELAY_MS 25 /* how long the rest of a key may take after its Esc */

static SCREEN *screen;
static struct cells sent; /* what the terminal shows */
static bool all_changed;
static bool with_color;

/* For a fatal signal, in which curses cannot be called: mode of the line, bytes that restore. */
static struct termios line_before;
static char restore_bytes[128];
static size_t restore_len;
static volatile sig_atomic_t on_screen;
static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
#define NFATAL (sizeof(fatal) / sizeof(fatal[0]))
static struct sigaction fatal_before[NFATAL];

/* Without the padding "$<5>" that only hardware terminals need. */
static void restore_add(const char *text)
{
	while (*text && restore_len < sizeof(restore_bytes)) {
		const char *end = text[0] == '$' && text[1] == '<' ? strchr(text, '>') : NULL;

		if (end)
			text = end + 1;
		else
			restore_bytes[restore_len++] = *text++;
	}
}

/* A capability of the terminal by its terminfo name, NULL: it has none. */
static const char *capability(const char *name)
{
	const char *text = tigetstr(name);

	/* (char *)-1 is tigetstr()'s word for a name that is no string capability. */
	return text == (const char *)-1 ? NULL : text;
}

static void restore_prepare(void)
{
	/* Attributes off, own colours, keypad off, cursor on, back to the other screen. */
	static const char *const names[] = { "sgr0", "op", "rmkx", "cnorm", "rmcup" };

	restore_len = 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (capability(names[i]))
			restore_add(capability(names[i]));
}

/*
 * Something is badly wrong: put the terminal right with calls that are allowed in a handler, then
 * let whoever handled this signal before (a core dump, a sanitizer) do its work.
 */
static void on_fatal(int sig, siginfo_t *info, void *ctx)
{
	(void)ctx;
	if (on_screen) {
		on_screen = 0;
		if (write(STDOUT_FILENO, restore_bytes, restore_len) < 0)
			errno = 0;
		tcsetattr(STDIN_FILENO, TCSANOW, &line_before);
		shield_stop();
	}
	for (size_t i = 0; i < NFATAL; i++)
		if (fatal[i] == sig)
			sigaction(sig, &fatal_before[i], NULL);
	/* A fault comes again by itself on return; a signal that was sent does not. */
	if (info->si_code <= 0)
		raise(sig);
}

static void fatal_start(void)
{
	struct sigaction sa = { .sa_sigaction = on_fatal, .sa_flags = SA_SIGINFO };

	for (size_t i = 0; i < NFATAL; i++)
		sigaction(fatal[i], &sa, &fatal_before[i]);
}

static void fatal_stop(void)
{
	for (size_t i = 0; i < NFATAL; i++)
		sigaction(fatal[i], &fatal_before[i], NULL);
}

static attr_t look_attr(u8 look)
{
	attr_t attr = A_NORMAL;

	if (look & LOOK_BOLD)
		attr |= A_BOLD;
	if (look & LOOK_DIM)
		attr |= A_DIM;
	if (look & LOOK_REVERSE)
		attr |= A_REVERSE;
	if (look & LOOK_UNDERLINE)
		attr |= A_UNDERLINE;
	return attr;
}

static void colors_start(void)
{
	bool own = use_default_colors() == OK;
	bool many = COLORS >= 256;

	for (short st = 0; st < ST_COUNT; st++) {
		short fg = many ? looks[st].fg256 : looks[st].fg8;
		short bg = many ? looks[st].bg256 : looks[st].bg8;

		if (!own && fg < 0)
			fg = COLOR_WHITE;
		if (!own && bg < 0)
			bg = COLOR_BLACK;
		init_pair((short)(st + 1), fg, bg);
	}
}

static const struct glyphs *glyphs_choose(const char *term)
{
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return &glyphs_ascii;
	return strcmp(term, "linux") == 0 ? &glyphs_console : &glyphs_unicode;
}

static int terminal_check(const char *term)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		log_error(
			"the dashboard needs a terminal, and %s is not one; for a pipe or a file use "
			"'epscope stat' or 'epscope trace'",
			isatty(STDIN_FILENO) ? "stdout" : "stdin");
		return -ENOTTY;
	}
	if (!term || !*term) {
		log_error("TERM is not set: cannot tell how to draw; try TERM=xterm-256color, or "
			  "use 'epscope stat'");
		return -ENOTTY;
	}
	return 0;
}

/* newterm() instead of initscr(), which ends the process when it does not know the terminal. */
static int screen_open(const char *term)
{
	if (tcgetattr(STDIN_FILENO, &line_before) < 0)
		return -ENOTTY;
	screen = newterm(NULL, stdout, stdin);
	if (screen && capability("cup"))
		return 0;
	log_error("terminal type '%s' %s; try TERM=xterm-256color or TERM=vt100, or use "
		  "'epscope stat'",
		  term, screen ? "cannot move the cursor" : "is not in the terminfo database");
	if (screen) {
		endwin();
		delscreen(screen);
		screen = NULL;
	}
	return -ENOTTY;
}

int term_start(bool no_color, struct term_info *info)
{
	static bool at_exit;
	const char *term = getenv("TERM");

	setlocale(LC_CTYPE, "");
	if (terminal_check(term) < 0 || screen_open(term) < 0)
		return -ENOTTY;
	cbreak();
	noecho();
	nonl();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	intrflush(stdscr, FALSE);
	set_escdelay(ESC_DELAY_MS);
	curs_set(0);
	with_color = !no_color && has_colors();
	if (with_color) {
		start_color();
		colors_start();
	}
	restore_prepare();
	fatal_start();
	shield_start();
	on_screen = 1;
	if (!at_exit)
		atexit(term_stop);
	at_exit = true;
	all_changed = true;
	info->color = with_color;
	info->glyphs = glyphs_choose(term);
	getmaxyx(stdscr, info->rows, info->cols);
	return 0;
}

void term_stop(void)
{
	if (!screen)
		return;
	on_screen = 0;
	endwin();
	delscreen(screen);
	screen = NULL;
	cells_free(&sent);
	fatal_stop();
	shield_stop();
}

static void cell_send(int y, int x, const struct cell *cell)
{
	const struct look *look = &looks[cell->style];
	u8 attr = !with_color ? look->mono : COLORS >= 256 ? look->attr256 : look->attr8;
	short pair = with_color ? (short)(cell->style + 1) : 0;
	wchar_t text[2] = { (wchar_t)cell->ch, 0 };
	cchar_t out;

	/* Where the C library disagrees about the width, all that follows would be shifted. */
	if (cell->ch >= 0x80 && wcwidth(text[0]) != cell->width)
		text[0] = L'?';
	if (setcchar(&out, text, look_attr(attr), pair, NULL) == OK)
		mvadd_wch(y, x, &out);
}

static bool cell_same(const struct cell *a, const struct cell *b)
{
	return a->ch == b->ch && a->style == b->style && a->width == b->width;
}

void term_flush(const struct cells *c)
{
	bool any = all_changed;

	if (!screen)
		return;
	if ((sent.rows != c->rows || sent.cols != c->cols) &&
	    cells_resize(&sent, c->rows, c->cols) < 0)
		return;
	if (all_changed)
		clear();
	for (int i = 0; i < c->rows * c->cols; i++) {
		const struct cell *cell = &c->cell[i];

		if (!all_changed && cell_same(cell, &sent.cell[i]))
			continue;
		sent.cell[i] = *cell;
		any = true;
		if (cell->width > 0)
			cell_send(i / c->cols, i % c->cols, cell);
	}
	all_changed = false;
	if (any)
		refresh();
}

void term_repaint(void)
{
	all_changed = true;
}

void term_resize(struct term_info *info)
{
	struct winsize ws;

	if (!screen)
		return;
	/* Not resizeterm(), which would also queue a key. */
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 0 && ws.ws_col > 0)
		resize_term(ws.ws_row, ws.ws_col);
	getmaxyx(stdscr, info->rows, info->cols);
	all_changed = true;
}

static u32 function_key(wint_t code)
{
	static const struct {
		wint_t code;
		u32 key;
	} keys[] = {
		{ KEY_UP, UIKEY_UP },
		{ KEY_DOWN, UIKEY_DOWN },
		{ KEY_LEFT, UIKEY_LEFT },
		{ KEY_RIGHT, UIKEY_RIGHT },
		{ KEY_PPAGE, UIKEY_PAGE_UP },
		{ KEY_NPAGE, UIKEY_PAGE_DOWN },
		{ KEY_HOME, UIKEY_HOME },
		{ KEY_END, UIKEY_END },
		{ KEY_BTAB, UIKEY_BACKTAB },
		{ KEY_ENTER, UIKEY_ENTER },
		{ KEY_BACKSPACE, UIKEY_BACKSPACE },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].code == code)
			return keys[i].key;
	if (code > KEY_F(0) && code <= KEY_F(12))
		return UIKEY_F0 + (u32)(code - KEY_F(0));
	return UIKEY_OTHER;
}

u32 term_key(void)
{
	wint_t ch;
	int kind = screen ? get_wch(&ch) : ERR;

	if (kind == ERR)
		return UIKEY_NONE;
	if (kind == KEY_CODE_YES)
		return function_key(ch);
	if (ch == '\r')
		return UIKEY_ENTER;
	return ch == '\b' ? UIKEY_BACKSPACE : (u32)ch;
}

void term_suspend(void)
{
	if (!screen)
		return;
	endwin();
	raise(SIGSTOP);
	all_changed = true;
}
