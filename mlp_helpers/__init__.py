"""What the notebooks of the multilayer perceptron course import.

datasets : small data sets, shipped or drawn from an rng
plots    : figures in the course's style, each with its alt text
diagrams : drawings of networks
demos    : the slider demos. Each draws pictures from controls; sliders shows them on a board, still without a kernel
questions: predict-first questions
checks   : what a test cell calls (trial and relations hold its parts, hints points to a hint after failures)
"""
