//! stepfunctions
