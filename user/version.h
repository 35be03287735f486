/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EPSCOPE_VERSION_H
#define EPSCOPE_VERSION_H

#define EPSCOPE_VERSION "0.1"

#endif
