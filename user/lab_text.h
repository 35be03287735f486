/* SPDX-License-Identifier: GPL-2.0 */
/* What the lab writes: text for people, or a JSON object per line. */
#ifndef EPSCOPE_LAB_TEXT_H
#define EPSCOPE_LAB_TEXT_H

#include "lab.h"
#include "view_out.h"

/* Paragraphs of text, each wrapped to the width and indented by two. */
void lab_wrap(struct out *o, const char *text, size_t width);
/* Title and text of an experiment, and that its program is to do it wrong. */
void lab_intro(struct out *o, const struct experiment *e, bool broken);
/* The list: of all experiments, a line each. */
void lab_list(struct out *o, bool json);
/* What the program said, the figures of its instances, and the table of the verdict. */
void lab_report(struct out *o, const struct experiment *e, const struct lab_run *run);
void lab_report_json(struct out *o, const struct experiment *e, const struct lab_run *run);

#endif
