/* What the rows of activations and losses say for files that explain a network to other programs. */
#ifndef MINNOW_NET_EXPORT_H
#define MINNOW_NET_EXPORT_H

#include <stdint.h>

/* One operator of ONNX, which takes the value that the step before it gave, at first the weighted sum z; its
   second input, if it has one, is z again or a number. */
enum onnx_second { ONNX_NONE, ONNX_SUM, ONNX_NUMBER };
struct onnx_step {
    const char *op; /* NULL behind the last step */
    enum onnx_second second;
    float number;

    /* An attribute, if either name is set. */
    const char *integer_name, *float_name;
    int64_t integer_value;
    float float_value;
};
enum { ONNX_STEPS_MOST = 6 }; /* and the one whose op is NULL */

/* C99 of floats. In the texts $ stands for the prefix of the file's names and @ for it in capitals; $_exp(x)
   is e^x, and there is no <math.h>. */
struct c_expression {
    const char *text;   /* of the activation, of the weighted sum z */
    const char *helper; /* NULL, or a function that the text calls */
};

#endif
