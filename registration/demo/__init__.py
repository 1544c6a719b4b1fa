"""An invented register to try the product on: förbund, insatser, users and 1,500 deltaganden (demo mode only).

`plan` decides what there is, without a database; `build` writes it through the rules; `users` says who logs in.
Every name is made up, every number is on Skatteverket's list of test numbers and belongs to nobody.
"""
