/*
 * What people may call: nothing that reads files, the network, other tables, settings or who is asking; nothing that takes a
 * function's name as text; nothing that is also a table function. What is not listed is refused, so that a newer database with
 * new functions stays as safe.
 */

const words = (text: string): string[] => text.trim().split(/\s+/);

const operators = words(`
  and or xor not if multiif casewithexpression equals notequals less greater lessorequals greaterorequals isdistinctfrom
  isnotdistinctfrom isnull isnotnull iszeroornull ifnull nullif coalesce assumenotnull tonullable plus minus multiply divide
  divideornull intdiv intdivorzero intdivornull modulo moduloorzero moduloornull mod positivemodulo pmod negate like notlike
  ilike notilike match in notin globalin globalnotin nullin notnullin exists lambda tuple tupleelement untuple array
  arrayelement map concat cast accuratecast accuratecastornull accuratecastordefault interval between identity greatest least
  clamp
`);

const maths = words(`
  abs sign exp exp2 exp10 log log2 log10 log1p ln sqrt cbrt pow power sin cos tan asin acos atan atan2 sinh cosh tanh hypot
  degrees radians pi e ceil ceiling floor trunc truncate round roundbankers rounddown roundage roundduration roundtoexp2
  factorial gcd lcm isfinite isinfinite isnan ifnotfinite bar widthbucket width_bucket bitand bitor bitxor bitnot bitcount
  bitshiftleft bitshiftright bittest sigmoid runningdifference rand rand64 randuniform midpoint
`);

const texts = words(`
  length lengthutf8 char_length character_length octet_length empty notempty lower upper lcase ucase lowerutf8 upperutf8
  initcap initcaputf8 reverse reverseutf8 repeat space left right leftutf8 rightutf8 leftpad rightpad leftpadutf8 rightpadutf8
  lpad rpad substring substringutf8 substr mid substring_index substringindex trim trimboth trimleft trimright ltrim rtrim
  startswith endswith startswithutf8 endswithutf8 startswithcaseinsensitive endswithcaseinsensitive position positionutf8
  positioncaseinsensitive positioncaseinsensitiveutf8 locate instr hastoken hastokencaseinsensitive hastokenornull
  hassubsequence countsubstrings countsubstringscaseinsensitive countmatches countmatchescaseinsensitive multisearchany
  multisearchanycaseinsensitive multisearchfirstindex multisearchfirstposition multisearchallpositions multimatchany
  multimatchanyindex extract extractall extractgroups extractallgroupshorizontal extractallgroupsvertical regexpextract
  regexp_extract regexp_replace regexp_substr replace replaceall replaceone replaceregexpall replaceregexpone translate
  translateutf8 splitbychar splitbystring splitbyregexp splitbywhitespace splitbynonalpha alphatokens tokens ngrams
  arraystringconcat concat_ws concatwithseparator ascii char hex unhex bin unbin base64encode base64decode trybase64decode
  base64urlencode base64urldecode encodeurlcomponent decodeurlcomponent encodexmlcomponent tovalidutf8 isvalidutf8
  isvalidascii appendtrailingcharifabsent firstline formatreadablesize formatreadabledecimalsize formatreadablequantity
  formatreadabletimedelta parsereadablesize parsetimedelta printf ngramdistance ngramdistancecaseinsensitive ngramsearch
  levenshteindistance editdistance editdistanceutf8 dameraulevenshteindistance jarosimilarity jarowinklersimilarity
  stringjaccardindex soundex domain domainwithoutwww topleveldomain protocol port path pathfull querystring fragment cutquerystring
  extracturlparameter extracturlparameters netloc basename normalizeutf8nfc visiblewidth
`);

const times = words(`
  now now64 nowinblock today yesterday current_date current_timestamp curdate utctimestamp localtime localtimestamp todate todate32
  todateornull todateorzero todatetime todatetimeornull todatetimeorzero todatetime64 todatetime64ornull todatetime64orzero
  parsedatetime parsedatetimeornull parsedatetimebesteffort parsedatetimebesteffortornull parsedatetimebesteffortorzero
  parsedatetime64besteffort parsedatetime64besteffortornull parsedatetime64besteffortorzero makedate makedatetime
  makedatetime64 date timestamp date_format date_trunc datetrunc datediff datename date_bin formatdatetime
  formatdatetimeinjodasyntax age timediff adddate subdate addseconds addminutes addhours adddays addweeks addmonths
  addquarters addyears addmilliseconds addmicroseconds addnanoseconds addinterval subtractseconds subtractminutes
  subtracthours subtractdays subtractweeks subtractmonths subtractquarters subtractyears subtractmilliseconds
  subtractmicroseconds subtractnanoseconds subtractinterval tointervalnanosecond tointervalmicrosecond
  tointervalmillisecond tointervalsecond tointervalminute tointervalhour tointervalday tointervalweek tointervalmonth
  tointervalquarter tointervalyear tointerval toyear toquarter tomonth toweek toyearweek todayofyear todayofmonth todayofweek
  tohour tominute tosecond tomillisecond tomonday toisoyear toisoweek tostartofyear tostartofisoyear tostartofquarter
  tostartofmonth tostartofweek tostartofday tostartofhour tostartofminute tostartofsecond tostartofmillisecond
  tostartoffiveminutes tostartoftenminutes tostartoffifteenminutes tostartofinterval tolastdayofmonth tolastdayofweek
  todaysinmonth totime toyyyymm toyyyymmdd toyyyymmddhhmmss torelativedaynum torelativehournum torelativeminutenum
  torelativesecondnum tounixtimestamp tounixtimestamp64milli tounixtimestamp64micro tounixtimestamp64nano
  tounixtimestamp64second fromunixtimestamp fromunixtimestamp64milli fromunixtimestamp64micro fromunixtimestamp64nano
  totimezone timezoneof timezoneoffset timezone timeslot timeslots time_bucket tumble tumblestart tumbleend hop hopstart
  hopend monthname year quarter month week day dayofmonth dayofweek dayofyear hour minute second millisecond microsecond
  nanosecond last_day from_days to_days
`);

const conversions = words(`
  tostring tofixedstring tobool toint8 toint16 toint32 toint64 toint128 toint256 touint8 touint16 touint32 touint64
  touint128 touint256 tofloat32 tofloat64 todecimal32 todecimal64 todecimal128 toint8orzero toint16orzero toint32orzero
  toint64orzero touint8orzero touint16orzero touint32orzero touint64orzero tofloat32orzero tofloat64orzero toint8ornull
  toint16ornull toint32ornull toint64ornull touint8ornull touint16ornull touint32ornull touint64ornull tofloat32ornull
  tofloat64ornull toint64ordefault touint64ordefault tofloat64ordefault todecimal64ornull todecimal64orzero todecimalstring
  touuid touuidornull tolowcardinality totypename tojsonstring reinterpretasstring reinterpretasuint64 reinterpretasint64
  transform materialize ignore bytesize generateuuidv4 revision uuidstringtonum uuidnumtostring
`);

const arrays = words(`
  has hasall hasany hassubstr indexof indexofassumesorted countequal range arraymap arrayfilter arrayexists arrayall arraycount
  arraysum arrayavg arraymin arraymax arrayproduct arrayfirst arraylast arrayfirstindex arraylastindex arrayfirstornull
  arraylastornull arraysort arrayreversesort arraypartialsort arraypartialreversesort arrayreverse arrayslice arrayresize
  arrayconcat arraydistinct arrayuniq arrayenumerate arrayenumerateuniq arrayenumeratedense arraycompact arraycumsum
  arraycumsumnonnegative arraydifference arraydotproduct arrayintersect arrayunion arrayexcept arraysymmetricdifference
  arrayjaccardindex arrayflatten flatten arrayfold arrayfill arrayreversefill arraysplit arrayreversesplit arrayjoin arraypopback
  arraypopfront arraypushback arraypushfront arraywithconstant arrayzip arrayzipunaligned arrayrotateleft arrayrotateright
  arrayshiftleft arrayshiftright arrayshingles arraylevenshteindistance arraysimilarity arrayremove emptyarraystring
  emptyarrayuint64 emptyarraytosingle mapkeys mapvalues mapcontains mapcontainskey mapcontainsvalue mapcontainskeylike
  mapextractkeylike mapfromarrays mapapply mapfilter mapexists mapall mapadd mapsubtract mapconcat mapsort mapreversesort
  mapupdate tupleconcat tupletonamevaluepairs tuplenames tupleplus tupleminus tuplehammingdistance l1norm l2norm l1distance
  l2distance l2squareddistance cosinedistance dotproduct
`);

const json = words(`
  isvalidjson jsonhas jsonlength jsontype jsonkey jsonextract jsonextractbool jsonextractint jsonextractuint jsonextractfloat
  jsonextractstring jsonextractraw jsonextractkeys jsonextractkeysandvalues jsonextractkeysandvaluesraw jsonextractarrayraw
  json_exists json_query json_value json_array_length jsonarraylength simplejsonhas simplejsonextractuint simplejsonextractint
  simplejsonextractfloat simplejsonextractbool simplejsonextractraw simplejsonextractstring prettyprintjson
`);

const hashes = words(`
  halfmd5 md5 sha1 sha224 sha256 sha512 siphash64 siphash128 cityhash64 farmhash64 xxhash32 xxhash64 xxh3 murmurhash3_32
  murmurhash3_64 murmurhash3_128 inthash32 inthash64 javahash crc32 ngramsimhash wordshinglesimhash
`);

const windows = words(`
  row_number rank dense_rank denserank percent_rank percentrank cume_dist ntile lag lead laginframe leadinframe first_value
  last_value nth_value nonnegativederivative rownumberinallblocks rownumberinblock runningaccumulate neighbor
`);

const aggregates = words(`
  count sum avg min max any anylast any_value anyheavy argmin argmax avgweighted sumwithoverflow summap minmap maxmap
  summappedarrays minmappedarrays maxmappedarrays sumkahan sumcount stddevpop stddevsamp varpop varsamp covarpop covarsamp corr
  stddev_pop stddev_samp var_pop var_samp skewpop skewsamp kurtpop kurtsamp median medianexact mediantdigest mediantiming
  quantile quantiles quantileexact quantilesexact quantileexactlow quantileexacthigh quantileexactweighted quantiletdigest
  quantilestdigest quantiletiming quantilestiming quantiledd quantilegk quantileinterpolatedweighted quantiledeterministic
  uniq uniqexact uniqcombined uniqcombined64 uniqhll12 uniqupto grouparray grouparraylast grouparraysorted grouparraysample
  groupuniqarray grouparraymovingavg grouparraymovingsum groupconcat group_concat string_agg array_agg groupbitand groupbitor
  groupbitxor topk topkweighted approx_top_k approx_top_sum approx_top_count histogram simplelinearregression entropy
  deltasum deltasumtimestamp exponentialmovingaverage boundingratio sequencematch sequencecount windowfunnel retention
  maxintersections maxintersectionsposition intervallengthsum singlevalueornull studentttest welchttest mannwhitneyutest
  rankcorr sparkbar max_by min_by
`);

const aggregateSuffixes = words(`
  if array distinct ornull ordefault map foreach argmin argmax state merge resample simplestate
`);

const plainFunctions: ReadonlySet<string> = new Set([
  ...operators,
  ...maths,
  ...texts,
  ...times,
  ...conversions,
  ...arrays,
  ...json,
  ...hashes,
  ...windows,
]);

const aggregateFunctions: ReadonlySet<string> = new Set([...aggregates, ...windows]);

function isAggregate(name: string): boolean {
  if (aggregateFunctions.has(name)) return true;
  return aggregateSuffixes.some(
    (suffix) => name.endsWith(suffix) && isAggregate(name.slice(0, -suffix.length)),
  );
}

/** Whether people may call a function, combinators of aggregate functions included. */
export function isAllowedFunction(name: string): boolean {
  const lower = name.toLowerCase();
  return plainFunctions.has(lower) || isAggregate(lower);
}
