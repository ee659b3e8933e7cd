" Vim syntax of Hookswitch scenario files (*.hsw), written by a test of hookswitch-sim.
if exists('b:current_syntax')
  finish
endif
setlocal iskeyword+=-
syntax keyword hswHeader hookswitch-scenario profile service covers device limits quirks source calls title seed app
syntax keyword hswActor directory screening network service verdict daemon system audio clock push time user
syntax keyword hswVerb sets-ringtone acknowledges disconnects invalidates ends-group force-ends interrupts registers declines fulfills hangs-up requests restarts rings-at rings-on silences suspends vanishes accepts answers becomes crashes headset refuses reports resumes returns unlocks unmutes unplugs adopts digits merges offers passes routes splits starts calls dials drops fails frees front holds jumps locks mutes opens plugs pulls rules swaps ticks wants ends goes slow uses
syntax keyword hswCheck exactly expect within never state not
syntax keyword hswKind stop-translating video-declined contradictory translate video-off crashing refusing video-on ungroup answer digits prompt resume silent unmute group press start hold late mute slow end
syntax match hswAt /^at\>/
syntax match hswTime /\<+\?\d\+\(\.\d\+\)\?\(us\|ms\|s\|m\|h\)\>/
syntax match hswSeen /^\s*[>=].*$/
syntax match hswRemark /^\s*#.*$/
syntax region hswText start=/"/ skip=/\\./ end=/"/ oneline
highlight default link hswHeader PreProc
highlight default link hswActor Identifier
highlight default link hswVerb Statement
highlight default link hswAt Keyword
highlight default link hswCheck Conditional
highlight default link hswKind Type
highlight default link hswTime Number
highlight default link hswSeen Special
highlight default link hswRemark Comment
highlight default link hswText String
let b:current_syntax = 'hsw'
